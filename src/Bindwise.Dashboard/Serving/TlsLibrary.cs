using System.Runtime.InteropServices;

namespace Bindwise.Dashboard.Serving;

/// <summary>OpenSSL. The runtime loads it at the first use of TLS; where there is none it ends the process, uncatchably.</summary>
internal static class TlsLibrary
{
    // Those that the runtime takes, by the ends of their names.
    private static readonly string[] Versions = ["3", "1.1", "1.0.2", "1.0.0", "10"];

    /// <summary>Whether the runtime will find one.</summary>
    public static bool IsThere() =>
        Versions.Prepend(Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE") ?? "3")
            .Any(static version => NativeLibrary.TryLoad("libssl.so." + version, out _));
}
