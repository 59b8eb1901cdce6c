using Google.Protobuf;

namespace Backfill.PowerShell.Tests.Telemetry;

/// <summary>A protobuf message as it lies on the wire: values by field number. What they mean is the reader's to know.</summary>
internal sealed class WireMessage
{
    private readonly List<(int Field, object Value)> _fields = [];

    public WireMessage(byte[] bytes)
    {
        using var input = new CodedInputStream(bytes);
        while (input.ReadTag() is var tag and not 0)
        {
            object value = WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                WireFormat.WireType.Fixed32 => (ulong)input.ReadFixed32(),
                WireFormat.WireType.LengthDelimited => input.ReadBytes().ToByteArray(),
                var other => throw new InvalidDataException($"Wire type {other} is not of this protocol."),
            };
            _fields.Add((WireFormat.GetTagFieldNumber(tag), value));
        }
    }

    public bool Has(int field) => _fields.Exists(f => f.Field == field);

    public IEnumerable<WireMessage> Messages(int field) => All(field).Select(v => new WireMessage((byte[])v));

    public WireMessage? Message(int field) => Messages(field).LastOrDefault();

    public string Text(int field) => System.Text.Encoding.UTF8.GetString(Bytes(field));

    public string Hex(int field) => Convert.ToHexStringLower(Bytes(field));

    public ulong Number(int field) => All(field).LastOrDefault() is ulong number ? number : 0;

    public double Double(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    /// <summary>Of a repeated field, whose doubles lie packed.</summary>
    public IReadOnlyList<double> Doubles(int field) =>
        [.. Bytes(field).Chunk(sizeof(double)).Select(b => BitConverter.ToDouble(b))];

    private byte[] Bytes(int field) => All(field).LastOrDefault() as byte[] ?? [];

    private IEnumerable<object> All(int field) => _fields.Where(f => f.Field == field).Select(f => f.Value);
}
