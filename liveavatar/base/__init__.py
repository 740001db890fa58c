"""What every part may use: hand-over between threads, the clock, files, the process, its streams, pages on this machine."""
