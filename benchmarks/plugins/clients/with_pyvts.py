"""What plugins do through pyvts. Arguments: port, plugin's name, folder for the token."""

import asyncio
import sys

import pyvts

PORT, NAME, FOLDER = int(sys.argv[1]), sys.argv[2], sys.argv[3]


async def main() -> None:
    """Come in, press a hotkey, set parameters, make one, move the model."""
    info = {"plugin_name": NAME, "developer": "pyvts", "plugin_icon": None}
    vts = pyvts.vts(
        plugin_info={**info, "authentication_token_path": f"{FOLDER}/token"},
        vts_api_info={"version": "1.0", "name": "VTubeStudioPublicAPI", "host": "localhost", "port": PORT},
    )
    ask = vts.vts_request
    await vts.connect()
    await vts.request_authenticate_token()
    assert await vts.request_authenticate()

    async def data(message: dict) -> dict:
        answer = await vts.request(message)
        assert answer["messageType"] != "APIError", answer
        return dict(answer["data"])

    keys = await data(ask.requestHotKeyList())
    names = [key["name"] for key in keys["availableHotkeys"]]
    assert "joy" in names and keys["modelLoaded"]
    await data(ask.requestTriggerHotKey("joy"))
    assert len((await data(ask.requestTrackingParameterList()))["defaultParameters"]) > 50
    await data(ask.requestSetParameterValue("MouthOpen", 0.7))
    assert abs((await data(ask.requestParameterValue("MouthOpen")))["value"] - 0.7) < 1e-6
    await data(ask.requestSetMultiParameterValue(["FaceAngleX", "EyeOpenLeft"], [10, 0.2]))
    await data(ask.requestCustomParameter("HeartRate", 0, 255, 60, "beats a minute"))
    await data(ask.requestDeleteCustomParameter("HeartRate"))
    await data(ask.requestMoveModel(0.1, 0, 0, 0, True, 0.2))
    assert (await data(ask.eventSubscriptionModelLoaded()))["subscribedEventCount"] == 1
    await vts.close()


asyncio.run(main())
