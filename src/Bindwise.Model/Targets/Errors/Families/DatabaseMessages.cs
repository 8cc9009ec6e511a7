using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>Databases and caches. PostgreSQL names the address and the port on lines of their own.</summary>
internal static class DatabaseMessages
{
    private const int MaxLinesBefore = 200;

    public static readonly Phrase[] Phrases =
    [
        new("could not bind IPv4 address ", RuntimeProfiles.PostgreSql) { IsAddressAlone = true },
        new("could not bind IPv6 address ", RuntimeProfiles.PostgreSql) { IsAddressAlone = true },
        new("could not bind Unix address ", RuntimeProfiles.PostgreSql),
        new("failed to bind a socket: ", RuntimeProfiles.PgPool),
        new("using socket file ", RuntimeProfiles.PostgreSql) { With = "postmaster" },
        new("Failed to unlink socket file ", RuntimeProfiles.MongoDb),
        new("Is another postmaster already running on port ", RuntimeProfiles.PostgreSql),
        new("Setup of bind-address: ", RuntimeProfiles.MySql),
        new("another mysqld server running on port: ", RuntimeProfiles.MySql),
        new("another mysqld server running on socket: ", RuntimeProfiles.MySql),
        new("another mariadbd server running on port: ", RuntimeProfiles.MariaDb),
        new("already have another server running on port: ", RuntimeProfiles.MariaDb),
        new("already have another server running on socket: ", RuntimeProfiles.MariaDb),
        new("Server TCP listening socket ", RuntimeProfiles.Redis),
        new("Opening port ", RuntimeProfiles.Redis) { With = "bind" },
        new("failed to listen on TCP port ", RuntimeProfiles.Memcached),
        new("failed to listen on UDP port ", RuntimeProfiles.Memcached) { Protocol = Protocol.Udp },
        new("failed to listen on UNIX socket: ", RuntimeProfiles.Memcached),
    ];

    /// <summary>
    /// PostgreSQL in other languages: the address in quotes beside the errno, and the port as the only number of the hint that speaks of
    /// the postmaster.
    /// </summary>
    public static BindMention? ReadTranslated(ErrorText text, int line)
    {
        if (line == 0 || !ErrnoWords.TryFind(text.Lines[line - 1], out var errno))
            return null;
        var words = text.Lines[line];
        var postmaster = words.IndexOf("postmaster", StringComparison.OrdinalIgnoreCase);
        if (postmaster < 0 || ReadLastPort(words) is not { } port)
            return null;
        var before = text.Lines[line - 1];
        for (var quote = before.IndexOf('"', StringComparison.Ordinal); quote >= 0; quote = before.IndexOf('"', quote + 1))
        {
            if (EndpointReader.TryReadAddress(before, PortAfter.Skip(before, quote, "\" "), out var where))
                return BindMention.At(where with { Port = port.Port }, RuntimeProfiles.PostgreSql, line) with { Errno = errno.Name };
        }
        return BindMention.At(port, RuntimeProfiles.PostgreSql, line) with { Errno = errno.Name };
    }

    /// <summary>
    /// The last number behind what log_line_prefix puts before the message, with timestamps and pids: a line that was cut or wrapped has
    /// none.
    /// </summary>
    private static AddressMention? ReadLastPort(string words)
    {
        var end = words.Length - 1;
        while (end >= 0 && !char.IsAsciiDigit(words[end]))
            end--;
        var start = end;
        while (start > 0 && char.IsAsciiDigit(words[start - 1]))
            start--;
        return end >= words.IndexOf(":  ", StringComparison.Ordinal) && end >= 0
            && PortText.TryParseNumber(words.AsSpan(start, end + 1 - start), out var port)
            ? AddressMention.OfPort(port, start, end + 1) : null;
    }

    /// <summary>MongoDB names no address; the port stands in the line that announced the start.</summary>
    public static BindMention? ReadMongoDb(ErrorText text, int line)
    {
        if (!text.Lines[line].Contains("Failed to set up listener", StringComparison.OrdinalIgnoreCase)
            && !text.Lines[line].Contains("Error setting up listener", StringComparison.OrdinalIgnoreCase))
            return null;
        for (var i = line; i >= 0 && line - i < MaxLinesBefore; i--)
        {
            var words = text.Lines[i];
            if (!words.Contains("MongoDB starting", StringComparison.OrdinalIgnoreCase))
                continue;
            var at = words.IndexOf("port", StringComparison.OrdinalIgnoreCase);
            while (at >= 0)
            {
                if (AddressMentionReader.TryRead(words, at, false, out var where) && where.Port is not null)
                    return BindMention.At(where, RuntimeProfiles.MongoDb, line);
                at = words.IndexOf("port", at + 1, StringComparison.OrdinalIgnoreCase);
            }
        }
        return null;
    }
}
