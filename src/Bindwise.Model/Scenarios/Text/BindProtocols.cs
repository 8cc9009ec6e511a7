using Bindwise.Model.Addresses;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>The words for a new socket's protocol, with or without its family.</summary>
internal static class BindProtocols
{
    private static readonly (string Word, Protocol Protocol, IpFamily? Family)[] Table =
    [
        ("tcp", Protocol.Tcp, null),
        ("udp", Protocol.Udp, null),
        ("tcp4", Protocol.Tcp, IpFamily.IPv4),
        ("tcp6", Protocol.Tcp, IpFamily.IPv6),
        ("udp4", Protocol.Udp, IpFamily.IPv4),
        ("udp6", Protocol.Udp, IpFamily.IPv6),
    ];

    /// <summary>All words.</summary>
    public static readonly IReadOnlyCollection<string> Words = [.. Table.Select(static row => row.Word)];

    /// <summary>What a word stands for, without a family where the addresses decide it; null for any other word.</summary>
    public static (Protocol Protocol, IpFamily? Family)? Find(string word)
    {
        foreach (var row in Table)
        {
            if (row.Word == word)
                return (row.Protocol, row.Family);
        }
        return null;
    }

    /// <summary>The word for a socket.</summary>
    /// <param name="open">The socket.</param>
    /// <param name="implied">The family that the addresses of the line imply.</param>
    public static string Of(OpenStep open, IpFamily implied)
    {
        IpFamily? family = open.Family == implied ? null : open.Family;
        return Array.Find(Table, row => row.Protocol == open.Protocol && row.Family == family).Word;
    }
}
