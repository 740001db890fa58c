"""What plugins do through VTubeBridge. Arguments: port, plugin's name, folder for the token."""

import asyncio
import sys

from vtstudio.client import VTubeStudioClient

PORT, NAME = int(sys.argv[1]), sys.argv[2]


async def main() -> None:
    """Come in; what the library calls by names that do not exist is refused, and nothing hangs."""
    vts = VTubeStudioClient(uri=f"ws://0.0.0.0:{PORT}", plugin_name=NAME, plugin_developer="VTubeBridge")
    await vts.connect()
    for call, expected in (
        (vts.get_models(), 0),
        (vts.get_current_model(), 0),
        (vts.get_hotkeys(), 0),
        (vts.get_statistics(), 0),
        (vts.get_vts_folder_info(), 0),
        (vts.get_input_parameter_list(), 0),
        (vts.get_live2d_parameter_list(), 0),
        (vts.get_parameter_value("FaceAngleX"), 0),
        (vts.get_current_model_physics(), 0),
        (vts.get_expression_state(), 0),
        (vts.toggle_expression("joy.exp3.json", True), 0),
        (vts.set_parameter("MouthOpen", 0.5), 0),
        (vts.move_model(position_x=0.1), 0),
        (vts.trigger_hotkey("wink"), 0),
        (vts.create_parameter("HeartRate", "beats", 0, 255, 60), 0),
        (vts.delete_parameter("HeartRate"), 0),
        (vts.item_list(True, True, True), 0),
        (vts.load_model("x"), 7),
        (vts.trigger_animation("x"), 7),
        (vts.set_current_model_physics([], []), 701),
    ):
        answer = await asyncio.wait_for(call, 5)
        assert answer["data"].get("errorID", 0) == expected, answer
    await vts.disconnect()


asyncio.run(main())
