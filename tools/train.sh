#!/usr/bin/env bash
# Retrains the bundled model from nothing: scenes, tokenizer, training, export, golden values, evaluation.
#
#   tools/train.sh WORK_FOLDER [SEED]
#
# Needs `npm ci`, and a Python with tools/requirements.txt (PYTHON names it, default python3). WORK_FOLDER gets the
# scenes and checkpoints (6 GB). About an hour on two cores with bfloat16 matrix units, several on others.
set -euo pipefail
cd "$(dirname "$0")/.."

work=${1:?usage: tools/train.sh WORK_FOLDER [SEED]}
seed=${2:-1}
python=${PYTHON:-python3}
model=models/emoji-llava
packs=$work/packs
export OMP_NUM_THREADS=1

make_pack() { # name, first seed, number of scenes
  [ -f "$packs/$1/prepared.npz" ] || npx tsx tools/scenes/pack.ts "$packs/$1" "$2" "$3"
}
for part in 0 1 2 3; do make_pack "train$part" $((1000000 + part * 35000)) 35000; done
make_pack validation 500001 1000
make_pack heldout 1 1000

"$python" -m tools.train.make_tokenizer "$packs/validation/vocabulary.json" "$work/tokenizer"
"$python" -m tools.train.prepare "$work/tokenizer" "$packs"/*

"$python" -m torch.distributed.run --standalone --nproc_per_node 2 \
  -m tools.train.train "$work" --seed "$seed" --name "seed$seed"

checkpoint=$work/checkpoints/seed$seed/soft-200.pt
"$python" -m tools.train.export "$work" "$checkpoint" "$model"
"$python" -m tools.train.oracle "$model" examples test/fixtures/bundled-oracle
"$python" -m tools.train.evaluate "$work" "$checkpoint" "$model/evaluation.json"
