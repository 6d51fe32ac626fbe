// What came of everything that was tried with a shot.
import Enhancement
import Glibc
import Terminal

/// What came of one choice for a shot, coded at one quality.
public struct Outcome: Sendable, Hashable {
    /// What was done, and the constant quality of x264 that it was coded at.
    public var choice: ShotChoice, quality: Double
    /// How near the delivered frames are to the original.
    public var nearness: Nearness
    /// Bits of the delivered frames for a luma pixel.
    public var bits: Double
    /// Seconds of a processor core for a luma pixel, without decoding and encoding.
    public var seconds: Double

    /// An outcome.
    public init(
        choice: ShotChoice, quality: Double, nearness: Nearness, bits: Double, seconds: Double
    ) {
        (self.choice, self.quality, self.nearness) = (choice, quality, nearness)
        (self.bits, self.seconds) = (bits, seconds)
    }
}

/// How near frames are to their original.
public struct Nearness: Sendable, Hashable {
    /// Mean PSNR of luma in decibels, and mean distance of deep features; nil where that was not measured.
    public var psnr: Double, distance: Double?

    /// Errors and distances that nobody sees: those of 48 dB.
    static let invisible = (error: 65025 * pow(10, -4.8), distance: 0.01)

    /// What was measured.
    public init(psnr: Double, distance: Double?) { (self.psnr, self.distance) = (psnr, distance) }

    /// How much nearer these frames are than others, in decibels: the mean of squared errors' and deep features', so that
    /// neither fidelity nor what people see is everything. What nobody sees counts little.
    public func gain(over other: Nearness) -> Double {
        func decibels(_ before: Double, _ after: Double, _ floor: Double) -> Double {
            10 * log10((before + floor) / (after + floor))
        }
        func error(_ psnr: Double) -> Double { 65025 * pow(10, -psnr / 10) }
        let fidelity = decibels(error(other.psnr), error(psnr), Self.invisible.error)
        guard let before = other.distance, let after = distance else { return fidelity }
        return (fidelity + decibels(before, after, Self.invisible.distance)) / 2
    }
}

/// A shot, and what came of all that was tried.
public struct ShotOutcomes: Sendable, Hashable {
    /// Name of the pair, the clip that was damaged, and the set of pairs.
    public var name: String, clip: String, set: String
    /// What is known without the original.
    public var state: ShotState
    /// How near the input is to the original.
    public var input: Nearness
    /// In the order in which all shots were tried.
    public var outcomes: [Outcome]

    /// A shot.
    public init(
        name: String, clip: String, set: String, state: ShotState, input: Nearness,
        outcomes: [Outcome]
    ) {
        (self.name, self.clip, self.set) = (name, clip, set)
        (self.state, self.input, self.outcomes) = (state, input, outcomes)
    }

    /// What an outcome is worth: how much nearer it is than the input, in decibels.
    public func worth(_ outcome: Outcome) -> Double { outcome.nearness.gain(over: input) }

    /// A line of a table.
    public var json: JSONValue {
        .object([
            ("shot", .string(name)), ("clip", .string(clip)), ("set", .string(set)),
            ("state", state.json),
            ("input", .object(input.members)), ("outcomes", .array(outcomes.map(\.json))),
        ])
    }

    /// A line of a table; nil where it is none.
    public init?(_ json: JSONValue) {
        guard let name = json["shot"]?.text, let clip = json["clip"]?.text,
            let set = json["set"]?.text, let input = json["input"].flatMap(Nearness.init),
            let state = json["state"].flatMap(ShotState.init),
            let outcomes = json["outcomes"]?.elements, !outcomes.isEmpty
        else { return nil }
        let all = outcomes.compactMap(Outcome.init)
        guard all.count == outcomes.count else { return nil }
        self.init(name: name, clip: clip, set: set, state: state, input: input, outcomes: all)
    }
}

extension ShotState {
    /// The numbers alone.
    var json: JSONValue { .array(values.map { .number(Double($0)) }) }

    /// As many numbers as a state has; nil where they are others.
    init?(_ json: JSONValue) {
        guard let elements = json.elements else { return nil }
        let values = elements.compactMap { $0.double.map { Float($0) } }
        guard values.count == elements.count, values.count == Self.names.count,
            values.allSatisfy(\.isFinite)
        else { return nil }
        self.init(values)
    }
}

extension Nearness {
    var members: [(String, JSONValue)] {
        [("psnr", .number(psnr)), ("distance", distance.map(JSONValue.number) ?? .null)]
    }

    init?(_ json: JSONValue) {
        guard let psnr = json["psnr"]?.double, psnr.isFinite else { return nil }
        self.init(psnr: psnr, distance: json["distance"]?.double)
    }
}

extension Outcome {
    var json: JSONValue {
        .object(
            choice.members + [("crf", .number(quality))] + nearness.members + [
                ("bits", .number(bits)), ("seconds", .number(seconds)),
            ])
    }

    init?(_ json: JSONValue) {
        guard let choice = ShotChoice(json), let quality = json["crf"]?.double,
            let nearness = Nearness(json), let bits = json["bits"]?.double,
            let seconds = json["seconds"]?.double, bits >= 0, seconds >= 0
        else { return nil }
        self.init(
            choice: choice, quality: quality, nearness: nearness, bits: bits, seconds: seconds)
    }
}

extension ShotChoice {
    /// As tables and plans write it.
    var members: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [("model", .string(model ?? "skip"))]
        if model != nil {
            members += [
                ("strength", .number(Double(strength))), ("balance", .string("\(balance)")),
            ]
        }
        if coarser != 0 { members.append(("coarser", .number(Double(coarser)))) }
        return members
    }

    /// As tables and plans write it; nil where it is no choice.
    init?(_ json: JSONValue) {
        guard let name = json["model"]?.text, !name.isEmpty else { return nil }
        let coarser = Float(json["coarser"]?.double ?? 0)
        guard abs(coarser) <= 51 else { return nil }
        guard name != "skip" else {
            self = .skip
            self.coarser = coarser
            return
        }
        let strength = json["strength"]?.double ?? 1
        guard (0...1).contains(strength),
            let balance = Balance(json["balance"]?.text ?? "auto")
        else { return nil }
        self.init(
            model: name, strength: Float(strength), balance: balance, coarser: coarser)
    }
}
