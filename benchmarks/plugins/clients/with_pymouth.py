"""What pymouth sends through its own client. Arguments: port, plugin's name, folder for the token.

The client is read from its file: the package itself wants a sound card and librosa.
"""

import importlib.util
import sys
from pathlib import Path
from typing import Any

PORT, NAME, FOLDER = sys.argv[1:4]


def client() -> Any:
    """The module pymouth.vts_websockets."""
    found = importlib.util.find_spec("pymouth")
    assert found is not None and found.submodule_search_locations is not None
    path = Path(found.submodule_search_locations[0], "vts_websockets.py")
    spec = importlib.util.spec_from_file_location("vts_websockets", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Come in, and add vowels to the mouth."""
    library = client()
    info = library.VTSPluginInfo(NAME, "pymouth", f"{FOLDER}/token")
    vts = library.VTSWebSocket(f"ws://localhost:{PORT}", info)
    vts.connect()
    vowels = ("VoiceSilence", "VoiceA", "VoiceI", "VoiceU", "VoiceE", "VoiceO")
    vts.set_params([library.VTSParameterData(name, 0.4) for name in vowels])
    vts.set_single_param(library.VTSParameterData("MouthOpen", 0.5))
    last = {"faceFound": False, "mode": "add", "parameterValues": [{"id": "MouthOpen", "value": 0.5}]}
    answer = vts.request("InjectParameterDataRequest", data=last)
    assert answer["messageType"] == "InjectParameterDataResponse", answer
    vts.close()


main()
