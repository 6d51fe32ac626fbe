// Reads the quantisers that FFmpeg's decoders export, and says what luma step they stand for.
import CFFmpeg
import Glibc

extension QuantiserMap {
    /// The quantisers exported with `frame`, or nil where its decoder exports none.
    ///
    /// `values` are on the codec's own scale: QP (without the offset of deep samples) for H.264,
    /// quantiser_scale for MPEG-1/2/4, quantiser index for VP9. A value for the whole frame makes a
    /// map of one block.
    init?(exportedWith frame: UnsafePointer<AVFrame>, depth: Int) {
        guard let data = av_frame_get_side_data(frame, AV_FRAME_DATA_VIDEO_ENC_PARAMS),
            data.pointee.size >= MemoryLayout<AVVideoEncParams>.size
        else { return nil }
        let record = UnsafeRawPointer(data.pointee.data!)
            .assumingMemoryBound(to: AVVideoEncParams.self)
        let type = record.pointee.type
        let base = record.pointee.qp
        let (width, height) = (Int(frame.pointee.width), Int(frame.pointee.height))
        let count = Int(record.pointee.nb_blocks)
        let stride = record.pointee.block_size
        let blocks = percept_enc_params_blocks(record)
        func block(_ index: Int) -> AVVideoBlockParams {
            UnsafeRawPointer(blocks!).loadUnaligned(
                fromByteOffset: index * stride, as: AVVideoBlockParams.self)
        }
        guard count > 0, blocks != nil else {
            let scale = QuantiserScale(type, depth: depth)
            self.init(
                blockSize: max(width, height), columns: 1, rows: 1, values: [scale.value(base)],
                lumaSteps: [scale.lumaStep(base)])
            return
        }
        // Blocks of VP9 vary in size from 8 up to 64; H.264 and MPEG have macroblocks of 16.
        let size = type == AV_VIDEO_ENC_PARAMS_VP9 ? 8 : 16
        let (columns, rows) = ((width + size - 1) / size, (height + size - 1) / size)
        var quantisers = [Int32](repeating: base, count: columns * rows)
        for index in 0..<count {
            let one = block(index)
            guard one.w > 0, one.h > 0 else { continue }
            let left = max(0, Int(one.src_x) / size)
            let top = max(0, Int(one.src_y) / size)
            let right = min(columns, (Int(one.src_x) + Int(one.w) + size - 1) / size)
            let bottom = min(rows, (Int(one.src_y) + Int(one.h) + size - 1) / size)
            guard left < right, top < bottom else { continue }
            for row in top..<bottom {
                for column in left..<right {
                    quantisers[row * columns + column] = base + one.delta_qp
                }
            }
        }
        let scale = QuantiserScale(type, depth: depth)
        var steps: [Int32: Float] = [:]
        self.init(
            blockSize: size, columns: columns, rows: rows, values: quantisers.map(scale.value),
            lumaSteps: quantisers.map { quantiser in
                if let known = steps[quantiser] { return known }
                let step = scale.lumaStep(quantiser)
                steps[quantiser] = step
                return step
            })
    }
}

extension QuantiserMap {
    /// A map of one block from the quantiser in the picture's headers, where its decoder exports none.
    ///
    /// - HEVC (8.6.1, 8.6.3): SliceQpY, whose steps are those of H.264.
    /// - AV1 (7.12.2): base_q_idx; the 8-bit AC table is that of VP9.
    /// - JPEG: the mean entry of the luma table; the 8x8 DCT is orthonormal.
    init?(declared quantiser: Double, codec: AVCodecID, width: Int, height: Int) {
        let step: Float
        switch codec {
        case AV_CODEC_ID_HEVC: step = exp2f((Float(quantiser) - 4) / 6)
        case AV_CODEC_ID_AV1: step = Float(vp9ACSteps[min(max(Int(quantiser), 0), 255)]) / 8
        case AV_CODEC_ID_MJPEG: step = Float(quantiser)
        default: return nil
        }
        self.init(
            blockSize: max(width, height), columns: 1, rows: 1, values: [Float(quantiser)],
            lumaSteps: [step])
    }
}

/// What an exported number means, per family of codecs.
///
/// A step is that of an orthonormal transform, in 8-bit code values: the largest rounding error of a
/// coefficient is half of it.
struct QuantiserScale {
    let type: AVVideoEncParamsType
    let depth: Int

    init(_ type: AVVideoEncParamsType, depth: Int) {
        self.type = type
        self.depth = depth
    }

    /// The quantiser as the codec's standard counts it.
    func value(_ exported: Int32) -> Float {
        switch type {
        // FFmpeg counts from 0 at every depth: QpBdOffset (H.264, 7.4.2.1.1) is in the number.
        case AV_VIDEO_ENC_PARAMS_H264: return Float(exported) - 6 * Float(depth - 8)
        // FFmpeg exports twice the quantiser_scale_code (the linear one for MPEG-2).
        case AV_VIDEO_ENC_PARAMS_MPEG2: return Float(exported) / 2
        default: return Float(min(max(exported, 0), 255))
        }
    }

    /// The luma step that `exported` stands for.
    ///
    /// - H.264, 8.5.9: 0.625 at QP 0, doubling every 6.
    /// - MPEG-1/2/4 (ISO/IEC 13818-2, 7.4.2; 14496-2, 7.4.4): twice the quantiser_scale_code where
    ///   the weighting matrix holds its neutral 16; a visually weighted matrix is coarser in the
    ///   high frequencies.
    /// - VP9 bitstream specification, 8.6.1: the AC table of the sample depth, whose transforms are
    ///   scaled by 8.
    func lumaStep(_ exported: Int32) -> Float {
        switch type {
        case AV_VIDEO_ENC_PARAMS_H264: return exp2f((value(exported) - 4) / 6)
        case AV_VIDEO_ENC_PARAMS_MPEG2: return Float(max(2, exported))
        default: return Float(vp9ACSteps[Int(value(exported))]) / 8
        }
    }
}

/// AC quantiser steps of VP9 by index, for 8-bit samples. At 10 and 12 bits the table is four and
/// sixteen times this one to within a few per cent, which on the 8-bit scale is the same step.
let vp9ACSteps: [Int] = {
    // The table grows by increments that repeat: (increment, how often).
    let runs: [(Int, Int)] = [
        (4, 1), (1, 94), (2, 25), (3, 17), (4, 13), (5, 10), (6, 9), (7, 7), (8, 6), (9, 6),
        (10, 5), (11, 5), (12, 4), (13, 4), (14, 4), (15, 3), (16, 3), (17, 3), (18, 3), (19, 3),
        (20, 2), (21, 3), (22, 2), (23, 2), (24, 2), (25, 2), (26, 2), (27, 2), (28, 2), (29, 2),
        (30, 2), (31, 1), (32, 2), (33, 1), (34, 2), (35, 1),
    ]
    return runs.reduce(into: [4]) { steps, run in
        for _ in 0..<run.1 { steps.append(steps.last! + run.0) }
    }
}()
