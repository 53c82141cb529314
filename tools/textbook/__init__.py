"""DEX-AR the textbook way, in PyTorch: what `dexar bench --textbook` compares with. Written from the paper's equations;
shares no code with src/."""
