"""liveavatar: real-time neural avatars. See README.md for the line of data types everything follows."""

import os

__version__ = "0.1.0"

# ONNX Runtime 1.29 and later reports to its vendor unless this stands before its first import; a call afterwards is too late.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
