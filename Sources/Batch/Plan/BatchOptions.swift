// Everything that decides what a batch makes of its inputs.
import Compute
import Media
import Terminal

/// What is done with each input.
public enum BatchStage: String, Sendable, CaseIterable {
    /// It is enhanced.
    case enhance
    /// What people do is looked for, in it or in what was made of it.
    case hoi
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
