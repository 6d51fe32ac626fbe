// Everything that decides what a batch makes of its inputs.
import Compute
import Enhancement
import Interaction
import Media
import Terminal

/// What is done with each input.
public enum BatchStage: String, Sendable, CaseIterable {
    /// It is enhanced.
    case enhance
    /// People in it, or in what was made of it, are watched.
    case hoi
}

/// How a batch enhances: all that changes a bit of the outputs, and nothing else.
public struct EnhanceChoice: Sendable {
    /// Weights, and those for what people see beside them; nil: samples are copied.
    public var model: WeightsFile?, perceptual: WeightsFile?
    /// Arithmetic of the network and the instructions that it may use, by name. Those of this machine are only asked for
    /// where a plan is made: who asks can no longer keep to fewer.
    public var precision = Precision.f32, instructions = ""
    /// How much of the correction is applied, and between what its weights are.
    public var strength = 1.0, balance = Balance.automatic
    /// How the output is encoded; the number of threads is always said.
    public var encoding = EncoderSettings(threads: 1)
    /// Bits a sample of the output; nil: as the input has them.
    public var depth: Int?
    /// The ending of videos' outputs; nil: the input's, or mkv where that cannot hold the video.
    public var container: String?
    /// Versions of what the work is done with.
    public var versions = BatchOptions.versions

    /// The usual choice, without weights, for machines like this one.
    public init() { instructions = Processor.name }

    var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        let options: [JSONValue] = encoding.options.map { option in
            .array([.string(option.key), .string(option.value)])
        }
        let members: [(String, JSONValue)] = [
            ("model", model?.json ?? .null), ("perceptual", perceptual?.json ?? .null),
            ("precision", .string(precision.rawValue)), ("instructions", .string(instructions)),
            ("strength", .number(strength)), ("balance", .string("\(balance)")),
            ("size", .string("\(encoding.size)")), ("encoder", text(encoding.encoder)),
            ("crf", encoding.crf.map(JSONValue.number) ?? .null),
            ("preset", text(encoding.preset)), ("tune", text(encoding.tune)),
            ("encoderOptions", .array(options)),
            ("encoderThreads", encoding.threads.map(JSONValue.int) ?? .null),
            ("depth", depth.map(JSONValue.int) ?? .null), ("container", text(container)),
            ("versions", .string(versions)),
        ]
        return .object(members)
    }

    init?(_ json: JSONValue) {
        guard let precision = json["precision"]?.text.flatMap(Precision.init(rawValue:)),
            let instructions = json["instructions"]?.text, let strength = json["strength"]?.double,
            let balance = json["balance"]?.text.flatMap({ Balance($0) }),
            let size = json["size"]?.text.flatMap({ SizePolicy($0) }),
            let options = json["encoderOptions"]?.elements, let versions = json["versions"]?.text
        else { return nil }
        guard (0...1).contains(strength), (1...64).contains(json["encoderThreads"]?.integer ?? 1),
            [8, 10, 12].contains(json["depth"]?.integer ?? 8),
            ["mp4", "mov", "mkv", "webm"].contains(json["container"]?.text ?? "mkv")
        else { return nil }
        model = json["model"].flatMap(WeightsFile.init)
        perceptual = json["perceptual"].flatMap(WeightsFile.init)
        (self.precision, self.instructions) = (precision, instructions)
        (self.strength, self.balance, self.versions) = (strength, balance, versions)
        encoding = EncoderSettings(
            encoder: json["encoder"]?.text, crf: json["crf"]?.double, preset: json["preset"]?.text,
            tune: json["tune"]?.text,
            options: options.compactMap { pair in
                guard let words = pair.elements, words.count == 2, let key = words[0].text,
                    let value = words[1].text
                else { return nil }
                return (key, value)
            }, size: size, threads: json["encoderThreads"]?.integer)
        depth = json["depth"]?.integer
        container = json["container"]?.text
    }

    /// What tells this choice from others; where weights lie makes no difference.
    public var digest: String {
        var bare = self
        bare.model?.path = ""
        bare.perceptual?.path = ""
        return FileSeal.digest(of: bare.json.compact)
    }
}

/// How a batch looks for interactions: all that changes what is found.
public struct InteractionChoice: Sendable {
    /// Weights that find things, and weights that tell verbs.
    public var detector: WeightsFile, head: WeightsFile
    /// Side of the square that the detector sees.
    public var side = 416
    /// Which frames of a video are looked at.
    public var frames = FrameChoice.keyFrames
    /// What is worth saying.
    public var score = 0.2, top: Int?, isClosed = true
    /// The instructions that the networks may use, by name.
    public var instructions: String
    /// Versions of what the work is done with.
    public var versions = BatchOptions.versions

    /// The usual choice with these weights, for machines like this one.
    public init(detector: WeightsFile, head: WeightsFile) {
        self.init(detector: detector, head: head, instructions: Processor.name)
    }

    private init(detector: WeightsFile, head: WeightsFile, instructions: String) {
        (self.detector, self.head, self.instructions) = (detector, head, instructions)
    }

    var json: JSONValue {
        let every: JSONValue =
            switch frames {
            case .keyFrames: .string("keyframes")
            case .automatic: .string("auto")
            case .every(let count): .int(count)
            }
        return .object([
            ("detector", detector.json), ("head", head.json), ("side", .int(side)),
            ("frames", every), ("score", .number(score)), ("top", top.map(JSONValue.int) ?? .null),
            ("closed", .bool(isClosed)), ("instructions", .string(instructions)),
            ("versions", .string(versions)),
        ])
    }

    init?(_ json: JSONValue) {
        guard let detector = json["detector"].flatMap(WeightsFile.init),
            let head = json["head"].flatMap(WeightsFile.init), let side = json["side"]?.integer,
            let frames = json["frames"], let score = json["score"]?.double,
            let isClosed = json["closed"]?.boolean,
            let instructions = json["instructions"]?.text, let versions = json["versions"]?.text
        else { return nil }
        guard (32...4096).contains(side), side % 32 == 0, (0...1).contains(score),
            (1...100_000).contains(json["top"]?.integer ?? 1)
        else { return nil }
        self.init(detector: detector, head: head, instructions: instructions)
        (self.side, self.score, self.isClosed) = (side, score, isClosed)
        self.versions = versions
        top = json["top"]?.integer
        switch frames {
        case .string("keyframes"): self.frames = .keyFrames
        case .string("auto"): self.frames = .automatic
        case let other:
            guard let count = other.integer, count > 0 else { return nil }
            self.frames = .every(count)
        }
    }

    /// What tells this choice from others; where weights lie makes no difference.
    public var digest: String {
        var bare = self
        (bare.detector.path, bare.head.path) = ("", "")
        return FileSeal.digest(of: bare.json.compact)
    }

    /// The same as what looks at pictures wants to know.
    func setup(detector: String, head: String) -> FindingSetup {
        var setup = FindingSetup(detector: detector, head: head)
        setup.side = side
        setup.rules.leastScore = score
        setup.rules.limit = top
        setup.rules.isClosed = isClosed
        return setup
    }
}

/// What a batch does with every input.
public struct BatchOptions: Sendable {
    /// How inputs are enhanced; nil: they are not.
    public var enhance: EnhanceChoice?
    /// How interactions are looked for; nil: they are not.
    public var interactions: InteractionChoice?
    /// Refuses larger pictures.
    public var maximumPixels: Int?

    /// Versions of Percept and of the libraries on which bits depend.
    public static let versions =
        "percept 0.1.0, oneDNN \(Processor.libraryVersion), "
        + "libavcodec \(MediaLibraries.codec)"

    /// These stages.
    public init(enhance: EnhanceChoice?, interactions: InteractionChoice?) {
        (self.enhance, self.interactions) = (enhance, interactions)
    }

    var json: JSONValue {
        .object([
            ("enhance", enhance?.json ?? .null), ("hoi", interactions?.json ?? .null),
            ("maximumPixels", maximumPixels.map(JSONValue.int) ?? .null),
        ])
    }

    init?(_ json: JSONValue) {
        guard let enhance = json["enhance"], let interactions = json["hoi"] else { return nil }
        self.init(enhance: nil, interactions: nil)
        if enhance != .null {
            guard let choice = EnhanceChoice(enhance) else { return nil }
            self.enhance = choice
        }
        if interactions != .null {
            guard let choice = InteractionChoice(interactions) else { return nil }
            self.interactions = choice
        }
        maximumPixels = json["maximumPixels"]?.integer
    }
}
