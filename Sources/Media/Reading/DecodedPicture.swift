// Turns FFmpeg's frames into ours without copying samples, and without losing what they tell.
import CFFmpeg

/// Keeps a decoder's frame alive for the planes that point into it.
final class DecodedPicture: @unchecked Sendable {
    let frame: UnsafeMutablePointer<AVFrame>

    /// Takes over the reference that `frame` holds, leaving `frame` empty.
    init(taking other: UnsafeMutablePointer<AVFrame>) throws {
        frame = try allocated(av_frame_alloc())
        av_frame_move_ref(frame, other)
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
    }

    /// Plane `index` of the decoder's memory; rows that run upwards are copied the right way round.
    func plane(_ index: Int, width: Int, height: Int, bytesPerSample: Int) -> Plane {
        let base = lines[index].0!
        let stride = lines[index].1
        guard stride >= width * bytesPerSample else {
            let plane = Plane(width: width, height: height, bytesPerSample: bytesPerSample)
            plane.withUnsafeMutableBytes { target in
                for y in 0..<height {
                    (target + y * plane.bytesPerRow).copyMemory(
                        from: base + y * stride, byteCount: width * bytesPerSample)
                }
            }
            return plane
        }
        let memory = PlaneMemory(borrowing: UnsafeMutableRawPointer(base)) { _ = self }
        return Plane(
            width: width, height: height, bytesPerRow: stride, bytesPerSample: bytesPerSample,
            memory: memory, offset: 0)
    }

    private var lines: [(UnsafeMutablePointer<UInt8>?, Int)] {
        let (d, l) = (frame.pointee.data, frame.pointee.linesize)
        return [(d.0, Int(l.0)), (d.1, Int(l.1)), (d.2, Int(l.2)), (d.3, Int(l.3))]
    }
}

extension Frame {
    /// A decoder's buffer that may be written to; nil where its samples are no planes of ours.
    init?(writing buffer: UnsafeMutablePointer<AVFrame>) {
        guard let plan = PixelFormatPlan(AVPixelFormat(rawValue: buffer.pointee.format)),
            plan.route == .keep, let copy = av_frame_clone(buffer),
            let picture = try? DecodedPicture(taking: copy)
        else { return nil }
        var shell: UnsafeMutablePointer<AVFrame>? = copy
        av_frame_free(&shell)
        let (width, height) = (Int(buffer.pointee.width), Int(buffer.pointee.height))
        self.init(
            width: width, height: height, format: plan.format,
            planes: (0..<plan.format.planeCount).map { index in
                let size = plan.format.planeSize(index, width: width, height: height)
                return picture.plane(
                    index, width: size.width, height: size.height,
                    bytesPerSample: plan.format.bytesPerSample)
            })
    }

    /// Everything but samples and time that a decoder's frame tells.
    mutating func describe(_ frame: UnsafePointer<AVFrame>, isFullRange: Bool?) {
        let source = frame.pointee
        colour = ColourTags(
            primaries: Int32(source.color_primaries.rawValue),
            transfer: Int32(source.color_trc.rawValue),
            matrix: Int32(source.colorspace.rawValue),
            chromaLocation: Int32(source.chroma_location.rawValue), isFullRange: isFullRange)
        sampleAspectRatio = Rational(source.sample_aspect_ratio)
        duration = max(0, percept_frame_duration(frame))
        isInterlaced = percept_frame_is_interlaced(frame) != 0
        isTopFieldFirst = !isInterlaced || percept_frame_is_top_field_first(frame) != 0
        isConcealed = percept_frame_is_damaged(frame) != 0
        switch source.pict_type {
        case AV_PICTURE_TYPE_I: pictureType = .intra
        case AV_PICTURE_TYPE_P: pictureType = .predicted
        case AV_PICTURE_TYPE_B: pictureType = .bidirectional
        case AV_PICTURE_TYPE_NONE: pictureType = .unknown
        default: pictureType = .other
        }
        if let data = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX),
            data.pointee.size >= 36
        {
            (rotation, isMirrored) = orientation(displayMatrix: data.pointee.data)
        }
        codedMotion = CodedMotion.all(of: frame)
    }
}

extension CodedMotion {
    /// Motion vectors that the decoder exported with `frame`; empty where it exports none.
    static func all(of frame: UnsafePointer<AVFrame>) -> [CodedMotion] {
        guard let data = av_frame_get_side_data(frame, AV_FRAME_DATA_MOTION_VECTORS) else {
            return []
        }
        let count = data.pointee.size / MemoryLayout<AVMotionVector>.stride
        let vectors = UnsafeRawPointer(data.pointee.data!)
            .assumingMemoryBound(to: AVMotionVector.self)
        return (0..<count).map { index in
            let vector = vectors[index]
            let scale = vector.motion_scale == 0 ? 1 : Float(vector.motion_scale)
            return CodedMotion(
                x: vector.dst_x, y: vector.dst_y, width: vector.w, height: vector.h,
                dx: Float(vector.motion_x) / scale, dy: Float(vector.motion_y) / scale,
                isFromPast: vector.source < 0)
        }
    }
}
