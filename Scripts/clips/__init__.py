"""Parts of the tools that make training clips: drawing, stills in motion, encoders."""
