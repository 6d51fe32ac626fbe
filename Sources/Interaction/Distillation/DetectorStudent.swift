// A detector that learns from another, with what it needs only while it learns.
import Compute
import Graphs
import Networks
import Tensors

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

    /// First weights of one whose detector has learned something already.
    ///
    /// Its norms get the statistics of the given pictures. The maps to the teacher's features begin with nothing, so that
    /// they pull the features nowhere before they have learned something themselves.
    ///
    /// - Parameters:
    ///   - start: The detector's weights, norms folded.
    ///   - initial: First weights of a student that has learned nothing.
    ///   - pictures: Some, `[N, 3, side, side]`.
    /// - Throws: `PlanError`.
    func parameters(
        goingOnFrom start: Parameters, _ initial: Parameters, measuring pictures: Tensor<Float>
    ) throws -> Parameters {
        let unfolded = network.unfolded(start, like: initial)
        let measured = YOLOX(
            network.backbone.shape, classCount: network.classCount, norm: .separate(.measuring))
        let graph = Graph.build { _ = measured($0.input("pictures")) }
        var shapes = Dictionary(uniqueKeysWithValues: unfolded.map { ($0.path, $0.tensor.shape) })
        shapes["pictures"] = pictures.shape
        let plan = try Plan(graph, shapes: shapes)
        plan.setParameters(unfolded.values)
        let prefix = "statistic."
        let statistics = try plan.run(["pictures": pictures]).map {
            (String($0.key.dropFirst(prefix.count)), $0.value)
        }
        let detector = network.recentred(
            unfolded, to: Dictionary(uniqueKeysWithValues: statistics))
        let maps = adapters.declarations.map { ($0.path, Tensor<Float>(shape: $0.shape)) }
        return Parameters(Array(detector) + maps)
    }

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
