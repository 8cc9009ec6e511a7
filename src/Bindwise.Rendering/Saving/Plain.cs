namespace Bindwise.Rendering.Saving;

internal static class Plain
{
    public static readonly Format<string> Text = new TextFormat();
    public static readonly Format<string?> TextOrNull = new OptionalFormat<string>(Text);
    public static readonly Format<bool> Boolean = new BooleanFormat();
    public static readonly Format<byte> Byte = new NumberFormat<byte>(static (ref reader, out value) => reader.TryGetByte(out value));
    public static readonly Format<int> Int32 = new NumberFormat<int>(static (ref reader, out value) => reader.TryGetInt32(out value));
    public static readonly Format<long> Int64 = new NumberFormat<long>(static (ref reader, out value) => reader.TryGetInt64(out value));
    public static readonly Format<ushort> UInt16 =
        new NumberFormat<ushort>(static (ref reader, out value) => reader.TryGetUInt16(out value));
    public static readonly Format<uint> UInt32 = new NumberFormat<uint>(static (ref reader, out value) => reader.TryGetUInt32(out value));
    public static readonly Format<ulong> UInt64 = new NumberFormat<ulong>(static (ref reader, out value) => reader.TryGetUInt64(out value));
    public static readonly Format<ImmutableArray<string>> Texts = new ListFormat<string>(Text);

    public static Format<T?> OrNull<T>(this Format<T> format) where T : struct => new NullableFormat<T>(format);

    public static Format<T?> Optional<T>(this Format<T> format) where T : class => new OptionalFormat<T>(format);

    public static Format<ImmutableArray<T>> List<T>(this Format<T> format) => new ListFormat<T>(format);
}
