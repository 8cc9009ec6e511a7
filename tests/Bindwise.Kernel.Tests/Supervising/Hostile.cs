using System.Collections.Concurrent;
using System.Diagnostics;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>
/// The programs of Programs/, which want more than they may have, bare and under a supervisor. Each is compiled once a run, and says what it got as one word.
/// </summary>
internal static class Hostile
{
    /// <summary>What the tests need beside every test's programs.</summary>
    public const string Compiler = "cc";

    /// <summary>Without a supervisor: what the kernel gives the program.</summary>
    public const string Bare = "bare";

    /// <summary>What follows a program's word, as an audit's report does, is no part of it.</summary>
    private const char EndOfWord = '\n';

    private static readonly ConcurrentDictionary<string, Lazy<string>> Files = [];
    private static readonly Lazy<string> Folder = new(FolderForEveryUser);

    /// <summary>One, as a file that every user may start.</summary>
    public static string File(string name) => Files.GetOrAdd(name, static one => new Lazy<string>(() => Compile(one))).Value;

    /// <summary>One that is preloaded, as a library that every user may load.</summary>
    public static string Library(string name) => Files.GetOrAdd(name, static one => new Lazy<string>(() => Compile(one, "-shared", "-fPIC"))).Value;

    /// <summary>The command line that runs it.</summary>
    /// <param name="under">Its supervisor: <see cref="Bare"/>, or the words after bindwise; "hold" and "audit" for short.</param>
    /// <param name="command">The program and its words.</param>
    public static string[] Command(string under, params string[] command) => under switch
    {
        Bare => command,
        "hold" => [Programs.Bindwise, "run", "--hold", "--restart=never", "--", .. command],
        "audit" => [Programs.Bindwise, "audit", "--", .. command],
        _ => [Programs.Bindwise, .. under.Split(' '), "--", .. command],
    };

    /// <summary>The word that it says under a supervisor; all that was seen where it says none.</summary>
    public static async Task<string> WordAsync(TestHost host, int user, string under, params string[] command)
    {
        var outcome = await host.RunAsAsync(user, null, Command(under, command)).ConfigureAwait(false);
        var end = outcome.Output.IndexOf(EndOfWord, StringComparison.Ordinal);
        return end < 0 ? outcome.ToString() : outcome.Output[..end];
    }

    private static string Compile(string name, params string[] options)
    {
        var file = Path.Combine(Folder.Value, name);
        var source = Path.Combine(AppContext.BaseDirectory, "Supervising", "Programs", name + ".c");
        var start = new ProcessStartInfo(Compiler, ["-std=gnu11", "-O1", "-pthread", "-o", file, .. options, source]) { RedirectStandardError = true };
        using var compiler = Process.Start(start)!;
        var complaint = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        return compiler.ExitCode == 0 ? file : throw new InvalidOperationException(complaint);
    }

    private static string FolderForEveryUser()
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-hostile-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        System.IO.File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        return folder.FullName;
    }
}
