"""Parts of the driver clip's renderer: mesh, dressing, renderer, performance, check."""
