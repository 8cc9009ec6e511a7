namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>Databases and caches. PostgreSQL names the address and the port on lines of their own.</summary>
internal static class DatabaseMessages
{
    private const int MaxLinesBefore = 200;

    public static readonly Phrase[] Phrases =
    [
        new("could not bind IPv4 address ", Origins.PostgreSql) { IsAddressAlone = true },
        new("could not bind IPv6 address ", Origins.PostgreSql) { IsAddressAlone = true },
        new("could not bind Unix address ", Origins.PostgreSql),
        new("Is another postmaster already running on port ", Origins.PostgreSql),
        new("Setup of bind-address: ", Origins.MySql),
        new("another mysqld server running on port: ", Origins.MySql),
        new("another mysqld server running on socket: ", Origins.MySql),
        new("another mariadbd server running on port: ", Origins.MySql with { Program = "mariadbd" }),
        new("Server TCP listening socket ", Origins.Redis),
        new("Opening port ", Origins.Redis) { With = "bind" },
        new("failed to listen on TCP port ", Origins.Memcached),
        new("failed to listen on UDP port ", Origins.Memcached) { Protocol = Addresses.Protocol.Udp },
        new("failed to listen on UNIX socket: ", Origins.Memcached),
    ];

    /// <summary>MongoDB names no address; the port stands in the line that announced the start.</summary>
    public static Finding? ReadMongoDb(ErrorText text, int line)
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
                if (PlaceReader.TryRead(words, at, false, out var place) && place.Port is not null)
                    return Finding.At(place, Origins.MongoDb, line);
                at = words.IndexOf("port", at + 1, StringComparison.OrdinalIgnoreCase);
            }
        }
        return null;
    }
}
