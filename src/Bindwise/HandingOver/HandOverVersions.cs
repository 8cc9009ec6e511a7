using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>The versions of the hand-over's protocol that an instance understands.</summary>
/// <param name="Lowest">The lowest, 1 or more.</param>
/// <param name="Newest">The newest, not below that.</param>
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
/// <param name="Failure">Another user, another version, or something else that the text says.</param>
/// <param name="Text">The reason, as it stands in the old instance's log too.</param>
internal sealed record HandOverRefusal(HandOverFailure Failure, string Text)
{
    public const int MostBytes = 512;
    private const int LongestText = 300;
    private const byte OfVersion = 1;
    private const byte OfAnythingElse = 2;

    public byte[] ToBytes() => Failure == HandOverFailure.User ? []
        : [Failure == HandOverFailure.Version ? OfVersion : OfAnythingElse, .. Encoding.UTF8.GetBytes(Text)];

    /// <param name="body">At most <see cref="MostBytes"/>.</param>
    public static HandOverRefusal Of(ReadOnlySpan<byte> body) => body.IsEmpty
        ? new HandOverRefusal(HandOverFailure.User, "")
        : new HandOverRefusal(body[0] == OfVersion ? HandOverFailure.Version : HandOverFailure.Refused,
            Escaper.Escape(Encoding.UTF8.GetString(body[1..]), LongestText));
}
