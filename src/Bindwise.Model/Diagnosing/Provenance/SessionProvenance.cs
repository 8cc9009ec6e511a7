using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Under what a process's terminal or job runs, and in which editor, told by the programs among its parents.</summary>
internal static class SessionProvenance
{
    /// <summary>The nearest multiplexer, remote login or scheduler; null for none.</summary>
    public static string? Of(IReadOnlyList<ProcessRecord> parents) =>
        parents.Select(static p => NameOf(p.Name)).FirstOrDefault(static name => name is not null);

    /// <summary>The nearest editor; null for none.</summary>
    public static string? EditorOf(IReadOnlyList<ProcessRecord> parents) =>
        parents.Select(EditorOf).FirstOrDefault(static name => name is not null);

    // As comm shows them: at most 15 bytes. tmux names its server so itself.
    private static string? NameOf(string name) => name switch
    {
        "tmux: server" or "tmux" => "tmux",
        "screen" or "SCREEN" => "screen",
        "zellij" => "zellij",
        "sshd" or "sshd-session" or "dropbear" => "ssh",
        "mosh-server" => "mosh",
        "cron" or "crond" or "CRON" or "atd" or "anacron" => "cron",
        _ => null,
    };

    private static string? EditorOf(ProcessRecord process)
    {
        var program = ProcessNames.ProgramOf(process);
        var path = process.Executable ?? "";
        return program switch
        {
            "code" or "code-insiders" or "codium" or "code-oss" or "code-server" => "VS Code",
            "cursor" => "Cursor",
            "windsurf" => "Windsurf",
            "zed" or "zed-editor" => "Zed",
            "idea" => "IntelliJ IDEA",
            "rider" or "Rider.Backend" => "Rider",
            "pycharm" => "PyCharm",
            "webstorm" => "WebStorm",
            "goland" => "GoLand",
            "clion" => "CLion",
            "rubymine" => "RubyMine",
            "phpstorm" => "PhpStorm",
            "rustrover" => "RustRover",
            "studio" => "Android Studio",
            "eclipse" => "Eclipse",
            "emacs" or "emacs-gtk" or "emacs-nox" or "emacs-pgtk" => "Emacs",
            "vim" or "vim.basic" or "nvim" or "gvim" => "Vim",
            // The part that runs on the remote side, with a node of its own.
            _ when path.Contains("/.vscode-server", StringComparison.Ordinal) || path.Contains("/.vscode-remote", StringComparison.Ordinal) => "VS Code",
            _ when path.Contains("/.cursor-server/", StringComparison.Ordinal) => "Cursor",
            // Started by a script, an IDE of JetBrains is a java that names its folders.
            "java" when process.Arguments.Any(static a => a.StartsWith("-Didea.paths.selector=", StringComparison.Ordinal)) => "a JetBrains IDE",
            _ => null,
        };
    }
}
