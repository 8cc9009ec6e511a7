namespace Bindwise.Tests;

/// <summary>The Chromium of this system that tests look at pages and pictures with.</summary>
internal static class InstalledChromium
{
    /// <summary>Ends what hangs: no machine is too slow for it.</summary>
    public const int LimitMilliseconds = 180_000;

    // Without a window it needs a third of the processor's time: the same engine, without the parts that draw the browser itself.
    private static readonly string[] Programs =
        ["/usr/lib/chromium/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>Its program; null where there is none.</summary>
    public static string? Executable { get; } = Array.Find(Programs, File.Exists);

    /// <summary>Why tests that need it are skipped; null where it is installed.</summary>
    public static string? Missing { get; } = Executable is null ? "no Chromium is installed: apt-get install chromium-headless-shell fonts-dejavu-core" : null;

    /// <summary>
    /// How it is started. Its own sandbox needs rights that root in a container lacks; it sees nothing but pages of ours. A graphics processor in software would
    /// cost more.
    /// </summary>
    public static string[] Arguments { get; } = ["--no-sandbox", "--disable-gpu", "--disable-software-rasterizer", "--disable-dev-shm-usage"];
}
