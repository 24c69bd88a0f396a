import LaserOps
import Numerics

/// A model of one's own: one matrix.
struct Toy: EditableModel {
  var weight: Weight
  let weightSites = [WeightSite(.mlpInput, layer: 0)]
  func weight(at site: WeightSite) -> Weight { weight }
  func replacing(_ site: WeightSite, with weight: Weight) -> Toy { Toy(weight: weight) }
}

/// Something of rank 1, and the same with noise.
let (truth, noisy): (Matrix, Matrix) = {
  var random = SplitMix64(seed: 1)
  let truth = Matrix.random(rows: 40, columns: 1, using: &random)
    .multiplied(by: Matrix.random(rows: 1, columns: 20, using: &random))
  let noise = Matrix.random(rows: 40, columns: 20, standardDeviation: 0.1, using: &random)
  return (truth, truth + noise)
}()
