using System.Buffers.Binary;
using Bindwise.Rendering.Escaping;

namespace Bindwise;

internal enum HandOverWord : byte
{
    /// <summary>New to old: give me your listening sockets (<see cref="HandOverQuestion"/>).</summary>
    Ask = 1,

    /// <summary>Old to new: so many sockets follow, the one at the hand-over's own path first.</summary>
    Offer = 2,

    /// <summary>Old to new: some of them, as SCM_RIGHTS of this message.</summary>
    Sockets = 3,

    /// <summary>New to old: I accept; of your sockets I took these.</summary>
    Ready = 4,

    /// <summary>Old to new: I accept no more; the next hand-over is yours.</summary>
    Released = 5,

    /// <summary>Old to new: you took too long, I serve on alone.</summary>
    Withdrawn = 6,

    /// <summary>Old to new: you get nothing, for this reason (<see cref="HandOverRefusal"/>).</summary>
    Refused = 7,
}

/// <summary>
/// The head of a message, eight bytes: "BWH", the version, the word, a zero, and a number (little endian). Three have a body: Offer the
/// sender's process id, in 32 bits, Ready as many 16-bit indexes as the head says, and Refused as many bytes.
/// </summary>
/// <param name="Version">The version of the protocol; of a question and a refusal, which every version reads, one that the sender
/// understands.</param>
/// <param name="Word">What it says.</param>
/// <param name="Number">How many, where something is counted; of a question, more about its sender; otherwise 0.</param>
internal readonly record struct HandOverHead(byte Version, HandOverWord Word, ushort Number)
{
    public const int SizeBytes = 8;
    public const int MostSockets = 1024;

    public void Write(Span<byte> room)
    {
        "BWH"u8.CopyTo(room);
        room[3] = Version;
        room[4] = (byte)Word;
        room[5] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(room[6..], Number);
    }

    /// <param name="bytes">Eight bytes from whoever is at the other end.</param>
    /// <param name="understood">The versions that are understood here.</param>
    /// <param name="failure">What kind of failure it is; <see cref="HandOverFailure.None"/> for none.</param>
    /// <param name="fault">What is wrong with it, as the end of a sentence; null for nothing.</param>
    public static HandOverHead Read(ReadOnlySpan<byte> bytes, HandOverVersions understood, out HandOverFailure failure, out string? fault)
    {
        var word = (HandOverWord)bytes[4];
        // Whatever else changes, these two stay as they are: they tell each other's versions.
        var isOfEveryVersion = word is HandOverWord.Ask or HandOverWord.Refused;
        (failure, fault) = !bytes.StartsWith("BWH"u8) ? (HandOverFailure.Garbage, "sent something other than a hand-over's message")
            : !isOfEveryVersion && !understood.Has(bytes[3])
                ? (HandOverFailure.Version, $"speaks version {bytes[3]} of the hand-over's protocol, and this one version {understood}")
            : word is < HandOverWord.Ask or > HandOverWord.Refused || bytes[5] != 0
                ? (HandOverFailure.Garbage, "sent a message that is not known")
            : (HandOverFailure.None, (string?)null);
        return fault is null ? new HandOverHead(bytes[3], word, BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..])) : default;
    }

    /// <summary>The body of a Ready: which of the offered sockets were taken; null where one does not exist, or comes twice.</summary>
    public static ImmutableHashSet<int>? ReadTaken(ReadOnlySpan<byte> body, int offered)
    {
        var taken = ImmutableHashSet.CreateBuilder<int>();
        for (; body.Length >= sizeof(ushort); body = body[sizeof(ushort)..])
        {
            var index = BinaryPrimitives.ReadUInt16LittleEndian(body);
            if (index >= offered || !taken.Add(index))
                return null;
        }
        return taken.ToImmutable();
    }
}

/// <summary>The versions of the hand-over's protocol that an instance understands.</summary>
internal readonly record struct HandOverVersions(byte Lowest, byte Newest)
{
    /// <summary>Those of this release. Whoever raises the lowest cuts off the releases before: docs/hand-over.md says which meet.</summary>
    public static HandOverVersions Own { get; } = new(1, 1);

    public bool Has(byte version) => version >= Lowest && version <= Newest;

    public byte? Common(HandOverVersions other) =>
        Math.Min(Newest, other.Newest) is var newest && newest >= Math.Max(Lowest, other.Lowest) ? newest : null;

    /// <summary>For a sentence, after the word version: "1", or "1 to 2".</summary>
    public override string ToString() => Lowest == Newest ? Newest.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Lowest} to {Newest}");
}

/// <summary>What an instance can beyond the messages of its version. A bit that is not known here means nothing.</summary>
[Flags]
internal enum HandOverCapabilities : byte
{
    /// <summary>Nothing more, as the release 0.1.</summary>
    None = 0,

    /// <summary>It reads why it is refused.</summary>
    Reasons = 1,
}

/// <summary>
/// The message that begins an exchange. Its version is the lowest that the sender understands, the low byte of its number the newest, and
/// the high byte what else it can. The release 0.1, which says and reads no number, so understands the version 1 only.
/// </summary>
internal readonly record struct HandOverQuestion(HandOverVersions Versions, HandOverCapabilities Capabilities)
{
    public HandOverHead Head => new(Versions.Lowest, HandOverWord.Ask, (ushort)(Versions.Newest | ((int)Capabilities << 8)));

    /// <returns>Null where the versions contradict themselves, or it is another message.</returns>
    public static HandOverQuestion? Of(HandOverHead head)
    {
        var number = (byte)(head.Number & byte.MaxValue);
        var newest = number == 0 ? head.Version : number;
        return head.Word == HandOverWord.Ask && head.Version > 0 && newest >= head.Version
            ? new HandOverQuestion(new HandOverVersions(head.Version, newest), (HandOverCapabilities)(head.Number >> 8))
            : null;
    }
}

/// <summary>
/// Why the old instance gives nothing: one byte for the program, and a text for its log (UTF-8). No body at all is the first of these, as
/// the release 0.1 says it. This stays as it is in every version of the protocol.
/// </summary>
internal sealed record HandOverRefusal(HandOverFailure Failure, string Text)
{
    public const int MostBytes = 512;
    private const int LongestText = 300;
    private const byte OfVersion = 1;
    private const byte OfAnythingElse = 2;

    public byte[] ToBytes() => Failure == HandOverFailure.User ? []
        : [Failure == HandOverFailure.Version ? OfVersion : OfAnythingElse, .. Encoding.UTF8.GetBytes(Text)];

    public static HandOverRefusal Of(ReadOnlySpan<byte> body) => body.IsEmpty
        ? new HandOverRefusal(HandOverFailure.User, "")
        : new HandOverRefusal(body[0] == OfVersion ? HandOverFailure.Version : HandOverFailure.Refused,
            Escaper.Escape(Encoding.UTF8.GetString(body[1..]), LongestText));
}
