using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace IsolatedProcess;

/// <summary>
/// Runs the body of a test in a process of its own, in network, PID and mount namespaces of its own with the loopback interface up: .NET's
/// sockets work on threads of a pool, which no namespace of one thread would reach. The body is a static lambda; its arguments are text.
/// </summary>
internal static class Body
{
    /// <summary>The longest that a body may take, in milliseconds.</summary>
    public const int LimitMilliseconds = 1_800_000;

    private const string Word = "run-apart";

    /// <summary>Runs it apart; what it throws fails the test.</summary>
    public static Task RunAsync(Func<Task> body) => StartAsync(body.Method, []);

    /// <inheritdoc cref="RunAsync(Func{Task})"/>
    public static Task RunAsync(Func<string, Task> body, string argument) => StartAsync(body.Method, [argument]);

    /// <inheritdoc cref="RunAsync(Func{Task})"/>
    public static Task RunAsync(Func<string, string, Task> body, string first, string second) => StartAsync(body.Method, [first, second]);

    /// <inheritdoc cref="RunAsync(Func{Task})"/>
    public static Task RunAsync(Func<string[], Task> body, string[] arguments) => StartAsync(body.Method, arguments);

    /// <summary>The entry point of the test assembly: runs one body, when it is started for one.</summary>
    internal static async Task<int> RunAsync(string[] words)
    {
        if (words is not [Word, var type, var token, .. var arguments])
        {
            await Console.Error.WriteLineAsync("This is a test assembly: run it with dotnet test.").ConfigureAwait(false);
            return 2;
        }
        var owner = Assembly.GetExecutingAssembly().GetType(type, throwOnError: true)!;
        var method = owner.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Single(one => one.MetadataToken == int.Parse(token, CultureInfo.InvariantCulture));
        // Loaded now: a body may leave no descriptor for it.
        var errors = Console.Error;
        var self = method.IsStatic ? null : Activator.CreateInstance(owner, nonPublic: true);
        object?[] given = method.GetParameters() is [{ ParameterType.IsArray: true }] ? [arguments] : [.. arguments];
        try
        {
            await ((Task)method.Invoke(self, given)!).ConfigureAwait(false);
            return 0;
        }
#pragma warning disable CA1031 // Whatever the body throws is told to the test, which fails by it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await errors.WriteLineAsync((exception is TargetInvocationException { InnerException: { } inner } ? inner : exception).ToString()).ConfigureAwait(false);
            return 1;
        }
    }

    private static async Task StartAsync(MethodInfo body, string[] arguments)
    {
        Assert.True(body.DeclaringType!.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length == 0, "a body takes nothing along: make its lambda static");
        var dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        // On a busy machine a FIN may be sent again to a client that has closed, whose RST then ends the TIME_WAIT that the test is about, unless told not to.
        const string Prepared = "ip link set lo up && echo 1 > /proc/sys/net/ipv4/tcp_rfc1337 && exec \"$@\"";
        var start = new ProcessStartInfo("unshare",
        [
            "--net", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "/bin/sh", "-c", Prepared, "sh",
            dotnet, "exec", Assembly.GetExecutingAssembly().Location,
            Word, body.DeclaringType.FullName!, body.MetadataToken.ToString(CultureInfo.InvariantCulture), .. arguments,
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        // What a body leaves, and what the runtime of a process that it kills leaves, goes with it. Bodies start programs as other users, too.
        var folder = Directory.CreateTempSubdirectory("bindwise-");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b1_111_111_111);
        start.Environment["TMPDIR"] = folder.FullName;
        start.Environment["PATH"] = Needs.SearchPath;
        try
        {
            await RunAsync(start).ConfigureAwait(false);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(LimitMilliseconds);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            Assert.True(process.ExitCode == 0, $"{await errors.ConfigureAwait(false)}\n{await output.ConfigureAwait(false)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"the body took longer than {LimitMilliseconds} ms");
        }
    }
}
