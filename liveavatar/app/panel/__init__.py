"""The panel: one page on this machine from which a show is watched and driven, in a browser or as a dock in OBS."""
