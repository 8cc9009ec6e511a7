using Bindwise.Kernel.Tests.Everyday.Checks;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday;

/// <summary>UDP, asked with its name and without, and UNIX sockets: what is left over is removed, what lives never.</summary>
[Trait("Lane", "second")]
public sealed class DatagramAndUnixTests
{
    private const string Hold = "hold.py";
    private const string Path = "@FOLDER@/app.sock";
    private const string Remove = "rm ";

    internal static IReadOnlyList<Situation> Table { get; } =
    [
        new("UDP", "5353/udp")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "udp 0.0.0.0 5353"),
            Says = ["5353/udp is taken (EADDRINUSE)", "hold.py"], Never = ["listen()", "listens"], Advice = Advice.Ends(Hold),
        },
        new("UDP, asked by the number alone", "5353")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "udp 0.0.0.0 5353"), ExitCode = 0, Says = ["5353/tcp is free"], Tells = ["UDP", "5353/udp"],
        },
        new("UDP that is shared", "5353/udp --reuse-address")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "udp 0.0.0.0 5353 reuseaddr"), ExitCode = 0, Says = ["5353/udp is free"],
        },
        new("UDP, free beside a TCP listener", "8080/udp")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp 0.0.0.0 8080 reuseaddr listen"), ExitCode = 0, Says = ["8080/udp is free"], Never = ["listen()"],
        },
        new("UDP as a user", "5353/udp")
        {
            User = TestHost.Nobody, SetUp = static machine => machine.StartScriptAsync(Hold, "udp 0.0.0.0 5353"),
            Says = ["5353/udp is taken", "another user"], Advice = Advice.AsksAsRoot(Hold),
        },
        new("A UNIX socket that a dead server left", Path)
        {
            SetUp = static async machine => await (await machine.StartScriptAsync(Hold, $"unix {machine.Project}/app.sock listen leave")).EndAsync(),
            Says = ["app.sock", "EADDRINUSE"], Never = ["listen()", "port"], Advice = Advice.Removes("app.sock"),
        },
        new("A UNIX socket that lives", Path)
        {
            SetUp = static machine => LocalAsync(machine, "", machine.Project), Says = ["app.sock", "local.py"], Never = [Remove, " port"], Advice = Advice.Ends("local.py"),
        },
        new("A UNIX socket that lives in another network namespace", Path)
        {
            SetUp = static machine => LocalAsync(machine, "unshare --net ", machine.Project), Says = ["app.sock"], Never = [Remove, "left over"], Advice = Advice.Ends("local.py"),
        },
        new("A UNIX socket that lives in another mount namespace", Path)
        {
            SetUp = static async machine =>
            {
                await machine.PrepareAsync("mkdir mounted");
                await LocalAsync(machine, "unshare --mount sh -c 'mount --bind . mounted && exec \"$@\"' sh ", machine.Project + "/mounted");
            },
            Says = ["app.sock"], Never = [Remove, "left over"], Advice = Advice.Ends("local.py"),
        },
        new("A UNIX socket of a container, which has both of its own", Path)
        {
            SetUp = static async machine =>
            {
                await machine.PrepareAsync("mkdir mounted");
                await LocalAsync(machine, "unshare --mount --net sh -c 'mount --bind . mounted && exec \"$@\"' sh ", machine.Project + "/mounted");
            },
            Says = ["app.sock"], Never = [Remove, "left over"], Advice = Advice.Ends("local.py"),
        },
        new("A UNIX socket of another user", Path)
        {
            User = TestHost.Nobody, SetUp = static machine => LocalAsync(machine, "", machine.Project), Says = ["app.sock"], Never = [Remove, "left over"], Advice = Advice.AsksAsRoot("local.py"),
        },
        new("A path for a UNIX socket that is free", Path) { ExitCode = 0, Says = ["app.sock is free"], Never = ["listen()", "port"] },
    ];

    [KernelTheory]
    [Rows]
    public Task Why_DatagramOrUnixSocket_ItSaysWhatHoldsItInItsOwnWords(string situation) => SituationCheck.RunAsync(Table, situation);

    private static async Task LocalAsync(Machine machine, string within, string folder)
    {
        machine.Run($"exec {within}python3 local.py {folder}/app.sock");
        var file = $"{machine.Project}/app.sock";
        await Patience.UntilAsync(() => File.Exists(file) && machine.Host.RunAsync("python3", "-c", $"import socket; socket.socket(socket.AF_UNIX).connect('{file}')").Result.ExitCode == 0, "the server");
    }
}
