using Bindwise.Cli.Output;
using Bindwise.Lab.Playing;

namespace Bindwise.Cli.Verbs;

/// <summary>The hosts that a run of <c>lab</c> plays on, for as long as it runs.</summary>
internal sealed class LabHosts : IDisposable
{
    private LabHosts(Stage stage) => Stage = stage;

    /// <summary>Where to play.</summary>
    public Stage Stage { get; }

    /// <summary>The running kernel's release.</summary>
    public static string Kernel => "";

    /// <summary>Opens them; null, with one line on standard error, when the kernel was asked for and cannot be used.</summary>
    public static LabHosts? Open(PlayOn on, ErrorLines errors)
    {
        errors.Write($"this build has no host to play {on}");
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => GC.KeepAlive(Stage);
}
