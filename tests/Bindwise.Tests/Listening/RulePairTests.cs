using System.Net;
using System.Runtime.Versioning;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>
/// Every pair of sockets that the package can make beside what the rule model answers for exactly these options: they can only agree when the
/// package gives what was asked, and nothing more.
/// </summary>
[SupportedOSPlatform("linux")]
[Trait("Lane", "second")]
public sealed class RulePairTests
{
    private static readonly (string Address, bool? V6Only)[] Places =
        [("0.0.0.0", null), ("127.0.0.1", null), ("::", true), ("::", false), ("::1", null), ("::ffff:127.0.0.1", false)];

    [IsolatedTheory]
    [InlineData("tcp", "listening", 576)]
    [InlineData("tcp", "bound", 576)]
    [InlineData("udp", "bound", 576)]
    public Task Pairs_AreAnsweredAsByTheModel(string transport, string holder, int pairs) => Body.RunAsync(
        static words =>
        {
            var transport = words[0] == "udp" ? Transports.Udp : Transports.Tcp;
            var count = 0;
            var differences = new List<string>();
            foreach (var held in Kinds(transport))
            {
                foreach (var asked in Kinds(transport))
                {
                    count++;
                    var model = OnTheModel(held, asked, words[1] == "listening");
                    var kernel = OnTheKernel(held, asked, words[1] == "listening");
                    if (model != kernel)
                        differences.Add($"{Describe(held)} then {Describe(asked)}: model {model}, package {kernel}");
                }
            }
            Assert.True(differences.Count == 0, string.Join('\n', differences));
            Assert.Equal(words[2], $"{count}");
            return Task.CompletedTask;
        },
        [transport, holder, $"{pairs}"]);

    [IsolatedFact]
    public Task Diagnosis_OfEveryRefusedPair_IsOfTheSameError() => Body.RunAsync(static () =>
    {
        var refused = 0;
        foreach (var held in Kinds(Transports.Tcp))
        {
            using var holder = Listener.Bind(held);
            // One kind of each address is enough: what the options do is told by the pairs above.
            foreach (var asked in Kinds(Transports.Tcp).Where(static (_, index) => index % 4 == 1))
            {
                if (OnTheModel(held, asked, isListening: true) == StepResult.Ok)
                    continue;
                refused++;
                Action bind = () => Listener.Bind(asked).Dispose();
                var exception = Assert.Throws<BindException>(bind);
                Assert.Equal((Verdict.Blocked, "EADDRINUSE"), (exception.Diagnosis?.Verdict, exception.Diagnosis?.Errno));
                Assert.Contains($"pid {Environment.ProcessId}", exception.Message, StringComparison.Ordinal);
            }
        }
        Assert.Equal(48, refused);
        return Task.CompletedTask;
    });

    private static List<ListenRequest> Kinds(Transports transport) =>
    [
        .. from place in Places
           from address in (bool[])[false, true]
           from port in (bool[])[false, true]
           select ListenRequest.On(IPAddress.Parse(place.Address), 8080) with
           {
               Transports = transport,
               Settings = new SocketSettings { ReuseAddress = address, ReusePort = port, V6Only = place.V6Only },
           },
    ];

    private static string OnTheKernel(ListenRequest held, ListenRequest asked, bool isListening)
    {
        using var holder = isListening ? Listener.Bind(held).Sockets[0].Socket : Bound(held);
        try
        {
            using var listener = Listener.Bind(asked with { ExplainFailures = false });
            return StepResult.Ok;
        }
        catch (BindException exception)
        {
            return exception.NativeErrorCode == 98 ? "EADDRINUSE" : $"errno {exception.NativeErrorCode}";
        }
    }

    private static System.Net.Sockets.Socket Bound(ListenRequest held)
    {
        Assert.Null(LinuxSockets.Open(held.Addresses[0], 8080, held.Transports, held, out var opened));
        return opened!.Socket;
    }

    private static string OnTheModel(ListenRequest held, ListenRequest asked, bool isListening)
    {
        using var host = new SimulatedHost();
        Assert.Equal(StepResult.Ok, Play(host, "held", held, isListening));
        return Play(host, "asked", asked, asked.Transports == Transports.Tcp);
    }

    private static string Play(SimulatedHost host, string name, ListenRequest request, bool isListening)
    {
        var settings = request.Settings;
        var address = IpAddress.FromBytes(request.Addresses[0].GetAddressBytes());
        List<Step> steps = [new OpenStep(name, request.Transports == Transports.Udp ? Protocol.Udp : Protocol.Tcp, address.Family)];
        if (settings.ReuseAddress == true)
            steps.Add(new SetStep(name, SocketOption.ReuseAddress, new OptionValue(1)));
        if (settings.ReusePort)
            steps.Add(new SetStep(name, SocketOption.ReusePort, new OptionValue(1)));
        if (settings.V6Only is { } only)
            steps.Add(new SetStep(name, SocketOption.V6Only, new OptionValue(only ? 1 : 0)));
        steps.Add(new BindStep(name, address, 8080));
        if (isListening)
            steps.Add(new ListenStep(name));
        var result = StepResult.Ok;
        foreach (var step in steps)
        {
            result = host.Play(step).Result;
            if (result != StepResult.Ok)
                break;
        }
        return result;
    }

    private static string Describe(ListenRequest request) =>
        $"{request.Addresses[0]} reuseaddr={request.Settings.ReuseAddress} reuseport={request.Settings.ReusePort} v6only={request.Settings.V6Only}";
}
