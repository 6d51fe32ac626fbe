// Fitted by Scripts/fit-damage-estimator.py; not written by hand.

extension DamageEstimator {
    static let constant: Float = 0
    static let blockWeights: [Float] = [Float](repeating: 0, count: 9)
    static let meanWeights: [Float] = [Float](repeating: 0, count: 9)
    static let lowWeights: [Float] = [Float](repeating: 0, count: 9)
    static let highWeights: [Float] = [Float](repeating: 0, count: 9)
    static let gridWeights: [Float] = [Float](repeating: 0, count: 3)
}
