"""Makes an avatar of a drawn character in closed form, with numpy alone; training begins with the same."""
