using System.Net;

namespace Bindwise.AspNetCore;

/// <summary>The keys of <see cref="BindwiseOptions.SettingsByEndpoint"/>, and which settings apply to which kind of endpoint.</summary>
internal static class EndpointSettings
{
    /// <summary>The key is a UNIX path, or an abstract name.</summary>
    public static bool IsUnix(string key) => key.StartsWith('/') || key.StartsWith('@');

    public static bool IsKey(string key) => IsUnix(key) ? key.Length > 1
        : ushort.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port > 0
        : IPEndPoint.TryParse(key, out var endpoint) && endpoint.Port > 0 && endpoint.ToString() == key;

    /// <summary>Of settings for every endpoint those that its kind of socket has.</summary>
    public static SocketSettings Applying(SocketSettings settings, bool isUnix) => isUnix
        ? SocketSettings.Default with { Backlog = settings.Backlog, UnixFileMode = settings.UnixFileMode }
        : settings.UnixFileMode is null ? settings : settings with { UnixFileMode = null };
}
