"""The parts of train-torch.py."""
