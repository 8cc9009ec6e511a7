using System.Buffers.Binary;

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
/// The head of a message, eight bytes: "BWH", the version, the word, a zero, and a number (little endian). Three have a
/// body: Offer the sender's process id, in 32 bits, Ready as many 16-bit indexes as the head says, and Refused as many bytes.
/// </summary>
/// <param name="Version">The version of the protocol; of a question and a refusal, which every version
/// reads, one that the sender understands.</param>
/// <param name="Word">What it says.</param>
/// <param name="Number">How many, where something is counted; of a question, more about its sender; otherwise 0.</param>
internal readonly record struct HandOverHead(byte Version, HandOverWord Word, ushort Number)
{
    public const int SizeBytes = 8;
    public const int MostSockets = 1024;

    /// <param name="room">At least <see cref="SizeBytes"/>.</param>
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

    /// <summary>Reads the body of a Ready: which of the offered sockets were taken.</summary>
    /// <returns>Null where one does not exist, or comes twice.</returns>
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
