import { ScalarType } from "@bufbuild/protobuf";
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema } from "onnx-buf";
import type { ByteSource } from "./byteSource.js";
import { DecodeBudget } from "./decodeBudget.js";
import { encodedExternalRange } from "./externalData.js";
import { WireReader } from "./wireReader.js";

/** Tensors of up to this many bytes stay in the graph: shapes and scalars that the graph code looks at. */
const INLINE_BYTES = 1024;
const RAW_DATA = TensorProtoSchema.field.rawData.number;

interface Scan {
  readonly reader: WireReader;
  readonly writer: BinaryWriter;
  readonly budget: DecodeBudget;
  /** The range of the raw_data left out of the TensorProto being copied. */
  leftOut: { readonly offset: number; readonly length: number } | undefined;
}

/**
 * Copies the encoded ModelProto of `source` without the bytes of its larger tensors, which become external data
 * that refer to their place in the same file. Every length, wire type and nesting depth is checked on the way, so
 * the result is safe to decode. Throws `onnx-truncated`, `onnx-malformed`, `onnx-too-deep`, `onnx-too-large`.
 */
export function readSkeleton(source: ByteSource, fileName: string): Uint8Array {
  const reader = new WireReader(source, fileName);
  const scan: Scan = {
    reader,
    writer: new BinaryWriter(),
    budget: new DecodeBudget(reader),
    leftOut: undefined,
  };
  copyMessage(scan, ModelProtoSchema, source.size);
  return scan.writer.finish();
}

function copyMessage(scan: Scan, desc: DescMessage, end: number): void {
  const isGraph = desc === GraphProtoSchema;
  scan.budget.enter(isGraph);
  const fields = fieldsByNumber(desc);
  while (scan.reader.position < end) {
    const { fieldNumber, wireType } = scan.reader.tag(end);
    copyField(scan, desc, fields.get(fieldNumber), fieldNumber, wireType, end);
  }
  if (desc === TensorProtoSchema && scan.leftOut !== undefined) {
    // At the end, because the last of several values of a field counts and exporters write data_location 0.
    scan.writer.raw(encodedExternalRange(scan.reader.fileName, scan.leftOut.offset, scan.leftOut.length));
    scan.leftOut = undefined;
  }
  scan.budget.leave(isGraph);
}

function copyField(
  scan: Scan,
  desc: DescMessage,
  field: DescField | undefined,
  fieldNumber: number,
  wireType: WireType,
  end: number,
): void {
  if (field !== undefined) checkWireType(scan.reader, field, wireType);
  if (wireType !== WireType.LengthDelimited) {
    scan.budget.field(0);
    scan.writer.tag(fieldNumber, wireType).raw(scalarBytes(scan.reader, wireType, end));
    return;
  }
  const length = scan.reader.length(end);
  const valueEnd = scan.reader.position + length;
  if (field?.message !== undefined) {
    scan.writer.tag(fieldNumber, wireType).fork();
    copyMessage(scan, field.message, valueEnd);
    scan.writer.join();
  } else if (desc === TensorProtoSchema && fieldNumber === RAW_DATA && length > INLINE_BYTES) {
    scan.leftOut = { offset: scan.reader.position, length };
    scan.reader.position = valueEnd;
  } else {
    scan.budget.field(length * decodedBytesPerByte(field));
    const bytes = scan.reader.bytes(length);
    if (field?.fieldKind === "list") checkPacked(scan.reader, field.scalar, bytes);
    scan.writer.tag(fieldNumber, wireType).bytes(bytes);
  }
}

function scalarBytes(reader: WireReader, wireType: WireType, end: number): Uint8Array {
  switch (wireType) {
    case WireType.Varint: {
      const start = reader.position;
      reader.varint(end);
      const length = reader.position - start;
      reader.position = start;
      return reader.bytes(length);
    }
    case WireType.Bit64:
      reader.expect(8, end);
      return reader.bytes(8);
    case WireType.Bit32:
      reader.expect(4, end);
      return reader.bytes(4);
    case WireType.LengthDelimited:
    case WireType.StartGroup:
    case WireType.EndGroup:
      throw reader.error("onnx-malformed", `has a field of wire type ${wireType}, which ONNX does not use`);
  }
}

/** The library's decoder takes the wire type of a known field for granted. */
function checkWireType(reader: WireReader, field: DescField, wireType: WireType): void {
  const expected = wireTypeOf(field.scalar, field.message);
  const packed = field.fieldKind === "list" && wireType === WireType.LengthDelimited;
  if (wireType !== expected && !packed) {
    throw reader.error("onnx-malformed", `has a field ${field.name} of wire type ${wireType}`);
  }
}

function wireTypeOf(scalar: ScalarType | undefined, message: DescMessage | undefined): WireType {
  if (message !== undefined || scalar === ScalarType.STRING || scalar === ScalarType.BYTES) {
    return WireType.LengthDelimited;
  }
  if (scalar === ScalarType.FLOAT) return WireType.Bit32;
  if (scalar === ScalarType.DOUBLE) return WireType.Bit64;
  return WireType.Varint;
}

/** A packed list must end with a whole element, or the library would read on into the next field. */
function checkPacked(reader: WireReader, scalar: ScalarType | undefined, bytes: Uint8Array): void {
  const wireType = wireTypeOf(scalar, undefined);
  if (wireType === WireType.LengthDelimited) return;
  const last = bytes.at(-1) ?? 0;
  const whole =
    wireType === WireType.Varint ? last < 0x80 : bytes.length % (wireType === WireType.Bit32 ? 4 : 8) === 0;
  if (!whole) throw reader.error("onnx-malformed", "has a list whose last number is cut off");
}

/** Decoded size of a field's bytes: a 1-byte varint can become a bigint in an array. */
function decodedBytesPerByte(field: DescField | undefined): number {
  const isVarintList =
    field?.fieldKind === "list" && wireTypeOf(field.scalar, field.message) === WireType.Varint;
  return isVarintList ? 32 : 3;
}

const fieldMaps = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>();

function fieldsByNumber(desc: DescMessage): ReadonlyMap<number, DescField> {
  let fields = fieldMaps.get(desc);
  if (fields === undefined) {
    fields = new Map(desc.fields.map((field) => [field.number, field]));
    fieldMaps.set(desc, fields);
  }
  return fields;
}
