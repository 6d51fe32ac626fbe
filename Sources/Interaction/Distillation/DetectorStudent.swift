// A detector that learns from another, with what it needs only while it learns.
import Graphs
import Networks

/// A detector, and for each of its features a linear map to the features of its teacher.
///
/// The maps let the student's channels mean what they like, as many as there may be: it has to know what its teacher
/// knows, not to be alike. They are no part of the detector that comes of it.
///
/// - SeeAlso: Romero et al., "FitNets: hints for thin deep nets" (arXiv:1412.6550), section 2.2.
public struct DetectorStudent: Module {
    /// What is taught, its norms for training.
    public let network: YOLOX
    private let adapters: [ConvolutionLayer]

    /// A student.
    ///
    /// - Parameter teacher: Whose features it is to know, if any.
    public init(_ network: YOLOX, hintsOf teacher: YOLOX? = nil) {
        self.network = network
        let channels = teacher.map { zip(network.featureChannels, $0.featureChannels) }
        adapters =
            channels?.enumerated().map { index, pair in
                ConvolutionLayer("hints" / index, pair.0, pair.1, kernel: 1)
            } ?? []
    }

    public var declarations: [Declaration] { network.declarations + adapters.declarations }

    /// How many features of the teacher it wants to know.
    public var hintCount: Int { adapters.count }

    /// How much of the teacher's features it does not know yet: of each their part of the variance, summed.
    ///
    /// - Parameters:
    ///   - reading: What the student made of a picture.
    ///   - features: What the teacher did.
    func ignorance(_ reading: YOLOX.Reading, of features: [Value]) -> Value {
        zip(zip(adapters, reading.features), features).map { own, theirs in
            let missing = own.0(own.1) - theirs
            let varied = theirs - theirs.mean([0, 2, 3], keepsDimensions: true)
            return (missing * missing).mean() / ((varied * varied).mean() + 1e-6)
        }.reduce { $0 + $1 }
    }
}

extension [Value] {
    /// All of at least one, put together.
    fileprivate func reduce(_ join: (Value, Value) -> Value) -> Value {
        dropFirst().reduce(self[0], join)
    }
}
