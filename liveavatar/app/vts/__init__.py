"""The API that VTube Studio's plugins speak, for an avatar of liveavatar: a WebSocket on this machine, off until asked for."""
