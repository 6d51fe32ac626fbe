// How a batch enhances.
import Compute
import Enhancement
import Media
import Networks
import Terminal

/// How a batch enhances: all that changes a bit of the outputs, and nothing else.
public struct EnhanceChoice: Sendable {
    /// Weights, and those for what people see beside them; nil: samples are copied.
    public var model: WeightsFile?, perceptual: WeightsFile?
    /// Arithmetic of the network and the instructions that it may use, by name. Those of this machine are only asked for
    /// where a plan is made: who asks can no longer keep to fewer.
    public var precision = Precision.f32, instructions = ""
    /// How much of the correction is applied, and between what its weights are.
    public var strength = 1.0, balance = Balance.automatic
    /// Whether key frames are recalled where what they show comes back.
    public var recallsKeyFrames = false
    /// How the output is encoded; the number of threads is always said.
    public var encoding = EncoderSettings(threads: 1)
    /// Bits a sample of the output; nil: as the input has them.
    public var depth: Int?
    /// The ending of videos' outputs; nil: the input's, or mkv where that cannot hold the video.
    public var container: String?
    /// What is chosen for each shot, and by what; nil: all are treated alike.
    public var shots: ShotsChoice?
    /// Versions of what the work is done with.
    public var versions = BatchOptions.versions

    /// The usual choice, without weights, for machines like this one.
    public init() { instructions = Processor.name }

    var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        let options: [JSONValue] = encoding.options.map { option in
            .array([.string(option.key), .string(option.value)])
        }
        var members: [(String, JSONValue)] = [
            ("model", model?.json ?? .null), ("perceptual", perceptual?.json ?? .null),
            ("precision", .string(precision.rawValue)), ("instructions", .string(instructions)),
            ("strength", .number(strength)), ("balance", .string("\(balance)")),
            ("memory", .string(recallsKeyFrames ? "auto" : "off")),
            ("size", .string("\(encoding.size)")), ("encoder", text(encoding.encoder)),
            ("crf", encoding.crf.map(JSONValue.number) ?? .null),
            ("preset", text(encoding.preset)), ("tune", text(encoding.tune)),
            ("encoderOptions", .array(options)),
            ("encoderThreads", encoding.threads.map(JSONValue.int) ?? .null),
            ("depth", depth.map(JSONValue.int) ?? .null), ("container", text(container)),
            ("versions", .string(versions)),
        ]
        if let shots { members.append(("shots", shots.json)) }
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
        recallsKeyFrames = json["memory"]?.text == "auto"
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
        if let shots = json["shots"] {
            guard let choice = ShotsChoice(shots) else { return nil }
            self.shots = choice
        }
    }

    /// What tells this choice from others; where weights lie makes no difference, nor does how plans for shots come about:
    /// they stand beside each job.
    public var digest: String {
        var bare = self
        bare.model?.path = ""
        bare.perceptual?.path = ""
        bare.shots = nil
        let identity = shots.map { JSONValue.array([bare.json, $0.identity]) } ?? bare.json
        return FileSeal.digest(of: identity.compact)
    }
}

extension EnhanceChoice {
    /// Names the weights of a file, and those beside it.
    ///
    /// - Throws: `MediaError`.
    public mutating func use(weights path: String) throws {
        model = try WeightsFile(path: path)
        perceptual = try ModelCatalogue.perceptualPath(beside: path).map {
            try WeightsFile(path: $0)
        }
    }
}
