// Follows what was never decoded through all pictures that are predicted from it.
import CFFmpeg

/// Finds out which parts of pictures hang on what was lost, and has it repaired.
///
/// Until the first sign of damage it only keeps packets back to the key frame before last. Then two decoders without
/// concealment decode them again. Both get the same repair, the second with a fixed offset added: where their pictures
/// differ, they hang on what was lost, through any number of references. The second also remembers motion that the first
/// one does not (``MovingStream``), and a third one conceals, and gets the repair after that: where its pictures differ from
/// the first one's, they hang on motion that was lost, or the decoder does not believe what it decoded.
final class LossTracer {
    /// Whether a packet is as the container has it.
    enum Origin: Equatable {
        case container
        /// What belongs to nothing was cut out; behind which bytes slices are torn.
        case mended(ends: [Int])
        /// It stands in for a picture that is missing: nothing of it was decoded.
        case standIn
    }

    /// A picture that waits for signs of damage in those decoded before it is shown.
    private struct Waiting {
        var frame: Frame
        let number: Int?, index: Int
    }

    /// Bytes of packets that are kept at most.
    static let historyLimit = 64 << 20
    /// Added to repaired samples of the second decoder, in 8-bit steps; subtracted from bright ones.
    static let offset = 48

    /// Mean squared difference, in 8-bit steps, from the concealing decoder's samples up to which decoded ones that it did not
    /// believe are believed.
    static let tolerance = 36

    private let handling: LossHandling
    private let main: PictureBuffers
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let parameters: UnsafePointer<AVCodecParameters>
    private var history: [(packet: UnsafeMutablePointer<AVPacket>, number: Int)] = []
    private var historyBytes = 0
    private var keys: [Int] = []
    private var isWhole = true
    private var shadows: (first: ShadowDecoder, second: ShadowDecoder, third: ShadowDecoder)?
    private var repair: (any LossRepair)?
    private var recent: [Frame] = []
    private var waiting: [Waiting] = []
    private var delay = 4
    /// Numbers of the pictures that came out last.
    private var order: [Int] = []
    /// Of packets that are not as the container has them.
    private var origins: [Int: Origin] = [:]
    /// What was never decoded, by the number of the buffer.
    private var lost: [Int: LossMap] = [:]
    /// Pictures that were shown before there was any damage: nobody asks for them again.
    private var delivered: Set<Int> = []
    /// MPEG-1 and 2: the second decoder's last two pictures that others are predicted from, the newest first, and the place
    /// of that in the order of display.
    private var references: [PictureBuffers.Handed] = []
    private var newest: Int?
    /// Whether losses are left as they are.
    var leavesLosses = false
    /// Whether packets say when their pictures are shown; else the order of decoding stands in.
    private var hasTimes = true
    /// Whether packets of damaged stretches had to be forgotten, so that losses were not traced.
    private(set) var hasGivenUp = false

    /// Whether packets may be mended: in transport streams, where it is known what is missing, but not where what comes of them
    /// is shown as it is.
    let mendsPackets: Bool
    /// Whether H.264 is coded arithmetically.
    private var isArithmetic = true

    /// A tracer of what `context` decodes; nil where its codec is not one of those it is right for.
    init?(
        _ handling: LossHandling, _ context: UnsafeMutablePointer<AVCodecContext>,
        _ parameters: UnsafePointer<AVCodecParameters>, isTransport: Bool
    ) {
        if case .none = handling { return nil }
        switch context.pointee.codec_id {
        case AV_CODEC_ID_H264, AV_CODEC_ID_MPEG4, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG1VIDEO:
            break
        default: return nil
        }
        self.handling = handling
        self.context = context
        self.parameters = parameters
        let isReport = if case .report = handling { true } else { false }
        mendsPackets =
            isTransport && !isReport && context.pointee.codec_id != AV_CODEC_ID_MPEG4
        // With threads on slices FFmpeg's H.264 decoder neither conceals nor tells.
        main = PictureBuffers(
            context, context.pointee.codec_id == AV_CODEC_ID_H264 ? .sparse : .none)
    }

    deinit { forget(to: history.count) }

    // MARK: - Packets

    /// Before the main decoder gets a packet.
    func begin(packet number: Int) { main.begin(packet: number) }

    /// After the main decoder got a packet; nil at the end.
    func note(
        _ packet: UnsafeMutablePointer<AVPacket>?, number: Int, _ origin: Origin = .container
    ) {
        if origin != .container { origins[number] = origin }
        let isUnwritten = main.findUnwritten()
        if shadows != nil { return follow(packet, number: number) }
        guard let packet else { return }
        keep(packet, number)
        let isCorrupt = packet.pointee.flags & AV_PKT_FLAG_CORRUPT != 0
        if isCorrupt || isUnwritten || main.count > 1 { start() }
    }

    private func keep(_ packet: UnsafeMutablePointer<AVPacket>, _ number: Int) {
        guard let copy = av_packet_clone(packet) else { return }
        if copy.pointee.flags & AV_PKT_FLAG_KEY != 0 {
            keys.append(number)
            if keys.count > 2 { keys.removeFirst() }
            if keys.count == 2, let first = history.firstIndex(where: { $0.number >= keys[0] }) {
                forget(to: first)
                isWhole = true
            }
        }
        history.append((copy, number))
        historyBytes += Int(copy.pointee.size)
        while historyBytes > LossTracer.historyLimit, !history.isEmpty {
            forget(to: 1)
            isWhole = false
        }
    }

    private func forget(to count: Int) {
        for (packet, _) in history[..<count] {
            historyBytes -= Int(packet.pointee.size)
            var packet: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&packet)
        }
        history.removeFirst(count)
        guard let first = history.first?.number else { return }
        delivered = delivered.filter { $0 >> 8 >= first }
        origins = origins.filter { $0.key >= first }
    }

    // MARK: - Shadows

    /// Decodes what is kept again, and everything from now on.
    private func start() {
        guard shadows == nil else { return }
        // A map of what is shown as the main decoder leaves it must not know more than that decodes.
        let threads =
            if case .report = handling { context.pointee.thread_count } else { Int32(1) }
        func shadow(threads: Int32 = 1, conceals: Bool = false) -> ShadowDecoder? {
            ShadowDecoder(
                beside: context, parameters, threads: threads, conceals: conceals,
                endsTornSlices: mendsPackets)
        }
        guard isWhole, let first = shadow(threads: threads), let second = shadow(threads: threads),
            let third = shadow(conceals: true)
        else {
            hasGivenUp = true
            return
        }
        if case .repair(let make) = handling { repair = make() }
        if let format = MovingStream.Format(context), let packet = history.first?.packet,
            let data = packet.pointee.data,
            format.beginsAnew(UnsafeBufferPointer(start: data, count: Int(packet.pointee.size)))
        {
            second.see(MovingStream.packets(format))
        }
        for shadow in [first, second, third] { shadow.unwanted = delivered }
        shadows = (first, second, third)
        for (packet, number) in history { follow(packet, number: number) }
        forget(to: history.count)
    }

    private func follow(_ packet: UnsafeMutablePointer<AVPacket>?, number: Int) {
        guard let shadows else { return }
        let picture = packet.flatMap { MPEGPicture($0, context.pointee.codec_id) }
        // A picture between two others is decoded after both: where it follows the newest, one is missing.
        if let picture, picture.isBetween, let place = newest, picture.isBehind(place) {
            for reference in references { spoil(reference) }
            newest = nil
        }
        let marked = packet.flatMap { showingEnds($0, number) }
        shadows.first.decode(marked?.whole.pointer ?? packet, number: number)
        shadows.second.decode(marked?.whole.pointer ?? packet, number: number)
        shadows.third.decode(marked?.shorter.pointer ?? packet, number: number)
        if let picture, !picture.isBetween {
            references = Array((shadows.second.buffers.handed.suffix(1) + references).prefix(2))
            newest = picture.place
        }
        for (handed, twin) in zip(shadows.first.buffers.handed, shadows.second.buffers.handed) {
            let concealed = shadows.third.buffers.handed.first { $0.number == handed.number }
            look(into: handed, twin, concealed.flatMap { Frame(writing: $0.frame) })
        }
        origins[number] = nil
    }

    /// A packet of H.264 in which whole slices can be told from torn ones, and the same with a byte less of those; nil where that
    /// is not needed.
    private func showingEnds(
        _ packet: UnsafeMutablePointer<AVPacket>, _ number: Int
    ) -> (whole: OwnPacket, shorter: OwnPacket)? {
        guard mendsPackets, context.pointee.codec_id == AV_CODEC_ID_H264,
            let data = packet.pointee.data
        else { return nil }
        let bytes = UnsafeBufferPointer(start: data, count: Int(packet.pointee.size))
        isArithmetic = TornPicture.isArithmetic(bytes) ?? isArithmetic
        guard isArithmetic else { return nil }
        let ends = if case .mended(let ends) = origins[number] { ends } else { [Int]() }
        guard let whole = OwnPacket(TornPicture.showingEnds(bytes, ends), like: packet) else {
            return nil
        }
        guard !ends.isEmpty else { return (whole, whole) }
        return OwnPacket(TornPicture.showingEnds(bytes, ends, less: 1), like: packet).map {
            (whole, $0)
        }
    }

    /// Changes all of a picture of the second decoder, so that what is predicted from it is seen.
    private func spoil(_ reference: PictureBuffers.Handed) {
        guard let picture = Frame(writing: reference.frame) else { return }
        var all = LossMap(width: picture.width, height: picture.height)
        all.loseAll()
        picture.planes[0].copyCells(
            of: picture.planes[0], where: all, luma: (picture.width, picture.height),
            offset: LossTracer.offset << (picture.format.depth - 8),
            maximum: picture.format.maximum)
    }

    /// Repairs what was never decoded of a buffer, the same in its twin but for the offset, and where it was concealed.
    private func look(
        into handed: PictureBuffers.Handed, _ twin: PictureBuffers.Handed, _ concealed: Frame?
    ) {
        var map = LossPattern.unwritten(handed.frame, number: handed.number)
        var picture = Frame(writing: handed.frame)
        let origin = origins[handed.number >> 8]
        if origin == .standIn {
            map.loseAll()
            if case .expose = handling { LossPattern.fill(handed.frame, number: handed.number) }
        } else if map.isLost.contains(true), let picture, let concealed {
            // What is left of a mended packet is right up to the gap, where MPEG's codes end at once.
            let isMended = if case .mended = origin { true } else { false }
            let isSure = isMended && context.pointee.codec_id != AV_CODEC_ID_H264
            map.judge(picture, concealed, tolerance: isSure ? nil : LossTracer.tolerance)
        }
        let time = handed.frame.pointee.pts
        hasTimes = hasTimes && time != percept_no_timestamp
        picture?.timestamp = hasTimes ? time : Int64(handed.number)
        if map.isLost.contains(true) {
            lost[handed.number] = map
            // Pictures that never come out must not pile up.
            if lost.count > 64, let oldest = lost.keys.min() { lost[oldest] = nil }
            if let repair, !leavesLosses, let picture {
                let others = recent.sorted {
                    abs($0.timestamp - picture.timestamp) < abs($1.timestamp - picture.timestamp)
                }
                repair.repair(picture, lost: map, others: others, concealed: concealed)
            }
            for (plane, other) in zip(concealed?.planes ?? [], picture?.planes ?? []) {
                let size = (handed.frame.pointee.width, handed.frame.pointee.height)
                plane.copyCells(of: other, where: map, luma: (Int(size.0), Int(size.1)))
            }
            if let picture, let copy = Frame(writing: twin.frame) {
                copy.planes[0].copyCells(
                    of: picture.planes[0], where: map, luma: (picture.width, picture.height),
                    offset: LossTracer.offset << (picture.format.depth - 8),
                    maximum: picture.format.maximum)
            }
        }
        if let picture {
            recent.insert(picture, at: 0)
            if recent.count > 5 { recent.removeLast() }
        }
    }

    // MARK: - Pictures

    /// The number of a picture that the main decoder put out.
    func number(of frame: UnsafePointer<AVFrame>) -> Int? { main.number(of: frame) }

    /// Pictures of all shadows that wait to be shown.
    var heldCount: Int {
        shadows.map {
            $0.first.finishedCount + $0.second.finishedCount + $0.third.finishedCount
        } ?? 0
    }

    /// Whether more pictures have to be decoded before one may be shown.
    var wantsMore: Bool { waiting.count <= delay }

    /// Keeps a picture until those decoded before it are known.
    ///
    /// - Parameter index: Its number in order of presentation, from 0.
    func hold(_ frame: Frame, number: Int?, index: Int, isSign: Bool) {
        waiting.append(Waiting(frame: frame, number: number, index: index))
        if let number {
            // Pictures decoded after this one, and shown before it, may hang on it.
            delay = min(max(delay, order.filter { $0 > number }.count + 1), 17)
            order.append(number)
            if order.count > 17 { order.removeFirst() }
        }
        if isSign { start() }
    }

    /// The next picture to show, repaired, with the map of what was lost and its number in order of presentation; nil where
    /// none waits.
    func release() -> (frame: Frame, repaired: DecodedPicture?, index: Int)? {
        guard !waiting.isEmpty else { return nil }
        let next = waiting.removeFirst()
        guard let number = next.number else { return (next.frame, nil, next.index) }
        guard let shadows else {
            delivered.insert(number)
            return (next.frame, nil, next.index)
        }
        guard let first = shadows.first.take(number), let second = shadows.second.take(number)
        else { return (next.frame, nil, next.index) }
        let third = shadows.third.take(number)
        var frame = next.frame
        var map = LossMap(width: frame.width, height: frame.height)
        if let cells = lost.removeValue(forKey: number) { map.take(cells) }
        for other in [second, third] {
            guard let other else { continue }
            map.addDifferences(
                between: first, other, step: LossTracer.offset << (frame.format.depth - 8),
                bytesPerSample: frame.format.bytesPerSample)
        }
        guard map.touchedCount > 0 else { return (frame, nil, next.index) }
        frame.loss = map
        if case .report = handling { return (frame, nil, next.index) }
        return (frame, leavesLosses ? nil : first, next.index)
    }

    /// Forgets everything: after the file position has changed.
    func flush() {
        forget(to: history.count)
        (keys, waiting, delivered, recent, order) = ([], [], [], [], [])
        lost = [:]
        origins = [:]
        isWhole = true
        shadows = nil
        repair = nil
        (references, newest) = ([], nil)
    }
}
