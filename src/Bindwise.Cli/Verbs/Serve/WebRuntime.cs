using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Bindwise.Cli.Input;
using Bindwise.Linux.Processes;

namespace Bindwise.Cli.Verbs.Serve;

/// <summary>
/// The .NET tool starts on the plain runtime, which is all that the other verbs need. <c>serve</c> needs ASP.NET Core's as well, and
/// starts the program anew with a configuration that names it; the process stays the same one. The native program has all of it.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class WebRuntime
{
    private const string Framework = "Microsoft.AspNetCore.App";
    private const string Configuration = "serve.runtimeconfig.json";

    /// <summary>This process has ASP.NET Core's runtime.</summary>
    public static bool IsThere => AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") is not string assemblies
        || assemblies.Contains("/Microsoft.AspNetCore.Server.Kestrel.Core.dll", StringComparison.Ordinal);

    /// <summary>Starts the program anew with it; returns only where that cannot be.</summary>
    /// <returns>What is missing, one line.</returns>
    public static string StartAnew()
    {
        // As /usr/share/dotnet of /usr/share/dotnet/shared/Microsoft.NETCore.App/10.0.12/.
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var frameworks = Path.Combine(root, "shared", Framework);
        var major = $"{Environment.Version.Major}.";
        if (!Directory.Exists(frameworks)
            || !Directory.EnumerateDirectories(frameworks).Any(one => Path.GetFileName(one).StartsWith(major, StringComparison.Ordinal)))
            return $"serve needs the ASP.NET Core runtime {major}0, which {root} lacks: install it "
                + $"(Debian, Ubuntu: aspnetcore-runtime-{major}0), or take the native program, which needs no runtime (docs/install.md)";
        var count = Environment.GetCommandLineArgs().Length - 1;
        if (RawArguments.Read(count) is not { } arguments)
            return "serve cannot start with the ASP.NET Core runtime: /proc does not tell this program's arguments";
        var home = AppContext.BaseDirectory;
        string[] start =
        [
            Path.Combine(root, "dotnet"), "exec", "--runtimeconfig", Path.Combine(home, Configuration),
            Path.Combine(home, typeof(WebRuntime).Assembly.GetName().Name + ".dll"),
        ];
        var why = ProcessReplacement.Become([.. start.Select(Encoding.UTF8.GetBytes), .. arguments], out _);
        return $"serve cannot start with the ASP.NET Core runtime: {start[0]}: {why}";
    }
}
