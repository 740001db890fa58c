"""What plugins do through PyTubeStudio. Arguments: port, plugin's name, folder for the token."""

import asyncio
import json
import sys
from typing import Any

import VtsModels.models as models
from PyTubeStudio.client import PyTubeStudio

PORT, NAME, FOLDER = int(sys.argv[1]), sys.argv[2], sys.argv[3]


async def main() -> None:
    """Come in, and let the library's own models read the answers."""
    vts = PyTubeStudio(port=PORT, token_path=f"{FOLDER}/token")
    await vts.connect()
    data = models.AuthenticationTokenRequestData(plugin_name=NAME, plugin_developer="PyTubeStudio")
    await vts.authenticate(models.AuthenticationTokenRequest(data=data))

    async def read(request: Any, answer: Any) -> Any:
        said = await vts.request(request)
        assert json.loads(said)["messageType"] != "APIError", said
        return answer.model_validate_json(said).data

    state = await read(models.APIStateRequest(), models.APIStateResponse)
    assert state.current_session_authenticated
    assert (await read(models.StatisticsRequest(), models.StatisticsResponse)).framerate > 0
    current = await read(models.CurrentModelRequest(), models.CurrentModelResponse)
    assert current.model_loaded
    available = await read(models.AvailableModelsRequest(), models.AvailableModelsResponse)
    assert available.number_of_models >= 1
    keys = await read(
        models.HotkeysInCurrentModelRequest(data=models.HotkeysInCurrentModelRequestData()),
        models.HotkeysInCurrentModelResponse,
    )
    assert keys.available_hotkeys
    listed = await read(models.InputParameterListRequest(), models.InputParameterListResponse)
    assert len(listed.default_parameters) > 50
    await read(models.FaceFoundRequest(), models.FaceFoundResponse)
    await read(models.ArtMeshListRequest(), models.ArtMeshListResponse)
    await read(models.SceneColorOverlayInfoRequest(), models.SceneColorOverlayInfoResponse)
    await read(models.VTSFolderInfoRequest(), models.VTSFolderInfoResponse)
    await read(
        models.ExpressionStateRequest(data=models.ExpressionStateRequestData()),
        models.ExpressionStateResponse,
    )
    await vts.close()


asyncio.run(main())
