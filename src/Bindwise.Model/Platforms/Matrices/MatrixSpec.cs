namespace Bindwise.Model.Platforms.Matrices;

/// <summary>
/// Reads a socket as <c>--first</c> and <c>--second</c> take it: words in any order, of which one is an address.
/// <c>[tcp|udp] [reuseaddr] [reuseport] [reuseport_lb] [exclusive] [v6only|dual] [user N|root] ADDRESS[:PORT]
/// [listen|bound|listening|connected|time-wait]</c>
/// </summary>
internal static class MatrixSpec
{
    private const string Example = "as in: tcp reuseaddr 0.0.0.0:8080 listen";
    private const int MostCharacters = 400;

    public static ParseResult<MatrixSocket> Read(string text)
    {
        if (text.Length > MostCharacters)
            return Fault("the description is too long");
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var socket = new MatrixSocket(default);
        var hasAddress = false;
        for (var index = 0; index < words.Length; index++)
        {
            var word = words[index];
            if (word == "user")
            {
                if (++index == words.Length || !uint.TryParse(words[index], NumberStyles.None, CultureInfo.InvariantCulture, out var user))
                    return Fault("user takes a number");
                socket = socket with { User = user };
            }
            else if (Apply(socket, word) is { } changed)
            {
                socket = changed;
            }
            else if (!hasAddress && TryEndpoint(word, out var address, out var port))
            {
                socket = socket with { Address = address, Port = port };
                hasAddress = true;
            }
            else
            {
                return Fault($"found \"{word}\", expected {(hasAddress ? "an option or a state" : "an address, an option or a state")}");
            }
        }
        if (!hasAddress)
            return Fault("there is no address");
        if (socket.V6Only is not null && socket.Address.Family == IpFamily.IPv4)
            return Fault("v6only and dual are for an address of IPv6");
        if (socket.Protocol == Protocol.Udp && (socket.Listens || socket.State is PlatformState.Listening or PlatformState.TimeWait))
            return Fault("UDP has no listen and no TIME_WAIT");
        return new ParseResult<MatrixSocket>(socket);
    }

    /// <summary>An address, in brackets or not, with a port or without.</summary>
    public static bool TryEndpoint(string text, out IpAddress address, out ushort? port)
    {
        (address, port) = (default, null);
        var place = text;
        var digits = "";
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || (end + 1 < text.Length && text[end + 1] != ':'))
                return false;
            place = text[1..end];
            digits = end + 1 < text.Length ? text[(end + 2)..] : "";
            if (!place.Contains(':', StringComparison.Ordinal) || (end + 1 < text.Length && digits.Length == 0))
                return false;
        }
        else if (text.Count(static letter => letter == ':') == 1)
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            (place, digits) = (text[..colon], text[(colon + 1)..]);
            if (digits.Length == 0)
                return false;
        }
        if (digits.Length > 0)
        {
            if (!ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
                return false;
            port = number;
        }
        return IpAddress.TryParse(place, out address);
    }

    private static MatrixSocket? Apply(MatrixSocket socket, string word) => word switch
    {
        "tcp" => socket with { Protocol = Protocol.Tcp },
        "udp" => socket with { Protocol = Protocol.Udp },
        "v6only" => socket with { V6Only = true },
        "dual" => socket with { V6Only = false },
        "root" => socket with { User = 0 },
        // The first one listens, the second one calls listen(): each reads its own.
        "listen" => socket with { Listens = true, State = PlatformState.Listening },
        _ when MatrixWords.OptionOf(word) is not MatrixOptions.None and var option => socket with { Options = socket.Options | option },
        _ when MatrixWords.StateOf(word) is { } state => socket with { State = state },
        _ => null,
    };

    private static ParseResult<MatrixSocket> Fault(string message) => new(null, $"{message}, {Example}");
}
