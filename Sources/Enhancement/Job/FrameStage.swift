// A step that frames flow through, in order, with some delay.
import Media

/// A step between a source and a sink; belongs to one thread.
public protocol FrameStage: AnyObject {
    /// Time spent so far.
    var times: EnhancementTimes { get }
    /// Frames that repeated their predecessor's output.
    var repeatedCount: Int { get }
    /// Frames to which something was added that was seen elsewhere.
    var recalledCount: Int { get }
    /// Takes the next frame in; returns those that are ready, in order.
    func push(_ frame: Frame) throws -> [Frame]
    /// The frames that were still inside.
    func flush() throws -> [Frame]
}

extension FrameStage {
    /// Most stages recall nothing.
    public var recalledCount: Int { 0 }
}

extension FrameEnhancer: FrameStage {}
