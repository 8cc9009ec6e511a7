using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Bindwise.Dashboard.Hosting;
using Bindwise.Dashboard.Serving;
using Bindwise.Linux.Native;

namespace Bindwise.Cli.Verbs.Serve;

[SupportedOSPlatform("linux")]
internal sealed class ServeRun(ServeSettings settings)
{
    /// <summary>Serves until it is told to end, and gives the exit code.</summary>
    public ExitCode Serve(AnswerStream output, ErrorLines errors)
    {
        if (!WebRuntime.IsThere)
            return errors.Fail(WebRuntime.StartAnew());
        return ServeOnWebRuntime(output, errors);
    }

    // By itself: what it calls is compiled only when that runtime is there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ExitCode ServeOnWebRuntime(AnswerStream output, ErrorLines errors)
    {
        if (AccessRules.Read(settings, out var fault) is not { } access)
            return errors.Fail(fault!);
        using var ended = new ManualResetEventSlim();
        var code = ExitCode.Success;
        using var signals = Interruption.Ends(End);
        DashboardServer server;
        try
        {
            server = DashboardServer.StartAsync(settings, access, errors.Write).GetAwaiter().GetResult();
        }
        catch (BindException exception)
        {
            return Explain(exception, errors);
        }
        if (settings.HasAllNamespaces && EffectiveIds.User() != 0)
            errors.Write("--all-namespaces needs root: what this user may not enter is left out (bindwise_namespaces_omitted)");
        output.Write(server.Address + "\n");
        // Nobody else learns it.
        if (output.Fault is not null)
            ended.Set();
        ended.Wait();
        server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return code;

        void End(ExitCode with)
        {
            code = with;
            ended.Set();
        }
    }

    // Nothing that reads the address from standard output takes an explanation for one.
    private static ExitCode Explain(BindException exception, ErrorLines errors)
    {
        if (exception.Diagnosis is not { } diagnosis)
        {
            errors.Write(exception.Message);
            return exception.SocketErrorCode == SocketError.AddressAlreadyInUse ? ExitCode.Negative : ExitCode.Error;
        }
        errors.WriteAnswer(TextOutput.Format(DiagnosisText.Render(diagnosis, new TextOptions(Terminal.Detect().Width)), isColoured: false));
        return ExitCode.Negative;
    }
}
