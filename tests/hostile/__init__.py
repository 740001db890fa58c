"""Hostile input: seeded mutations of everything that others may write, through the program's own code.

A case is one kind of input ("card", "zip", ...) and a number; the same two give the same bytes again. Each is either refused
(a LiveAvatarError: one message, exit code 1) or accepted, which means really used: drawn, decoded, retargeted, answered.
Anything else is a fault: another exception, a crash, a hang, a traceback on the terminal, too much memory, a file left behind.

    python -m tests.hostile            all of it, 20,000 cases; see tests/hostile/__main__.py
    pytest tests/hostile               the first cases of each kind
"""
