// Which arithmetic a model is computed in on this processor.
import Compute

/// An arithmetic that this processor does not have.
public struct PrecisionUnavailable: Error, CustomStringConvertible, Equatable {
    /// One line.
    public var description: String {
        "int8 wants a processor with 8-bit dot products (AVX-512 VNNI), which this one has not; "
            + "use --precision auto"
    }
}

extension RestorationModel {
    /// The arithmetic when nobody says which: int8 where the processor has 8-bit dot products and the
    /// model loses next to nothing by it, else bf16 or f32.
    ///
    /// Matrices as tiles (AMX) make oneDNN's bf16 faster than our kernel.
    public func automaticPrecision(at balance: Balance = .fixed(0)) -> Precision {
        let isFast = Processor.hasVNNI && !Processor.multipliesTiles
        let isTolerable = calibrations(at: balance)?.allSatisfy(\.isTolerable) ?? false
        return isFast && isTolerable ? .int8 : .automatic
    }

    /// Checks that the model can be computed so.
    ///
    /// - Throws: ``ModelError`` where int8 knows too little, or ``PrecisionUnavailable``.
    public func require(
        _ precision: Precision, at balance: Balance = .fixed(0), file: String? = nil
    ) throws {
        guard precision == .int8 else { return }
        guard calibrations(at: balance) != nil else {
            let isBetween = balance != .automatic && ![.fixed(0), .fixed(1)].contains(balance)
            throw ModelError(
                file: file ?? name,
                problem: isBetween
                    ? "is not calibrated between its two sets of weights; int8 wants --balance 0, 1 or "
                        + "auto"
                    : "is not calibrated for int8; 'mwgan models calibrate' does that, "
                        + "or use --precision auto")
        }
        guard Processor.hasVNNI else { throw PrecisionUnavailable() }
    }
}
