using System.Runtime.InteropServices.JavaScript;
using System.Runtime.Versioning;
using Bindwise.Lab.Answering;
using Bindwise.Lab.Matrices;
using Bindwise.Rendering.Explaining;

namespace Bindwise.Browser;

/// <summary>
/// What wwwroot/model-worker.js calls. Each question is answered with a JSON object, or with <see cref="CallAnswer.FaultMark"/> and a
/// sentence; an exception is a fault of ours. Texts that may be long come as UTF-8.
/// </summary>
[SupportedOSPlatform("browser")]
internal static partial class ModelExports
{
    private static PageStore s_pages = new([]);

    /// <inheritdoc cref="RuleCalls.About"/>
    [JSExport]
    internal static string About() => CallAnswer.Of(RuleCalls.About);

    [JSExport]
    internal static string Parse(byte[] text) => CallAnswer.Of(output => ScenarioCalls.Parse(output, text));

    [JSExport]
    internal static string Play(byte[] text, string? kernel, string? system) =>
        CallAnswer.Of(output => ScenarioCalls.Play(output, text, RuleCalls.Chosen(kernel, system)));

    [JSExport]
    internal static string Trace(byte[] text, string? kernel, string? system) =>
        CallAnswer.Of(output => ScenarioCalls.Trace(output, text, RuleCalls.Chosen(kernel, system)));

    [JSExport]
    internal static string Matrix(string? on, string? first, string? second, string? addresses, string? options, string? state, bool listen,
        string? user, bool udp, string? kernel)
    {
        var question = new MatrixQuestion
        {
            On = on,
            First = first,
            Second = second,
            Addresses = addresses,
            Options = options,
            State = state,
            Listens = listen,
            User = user,
            IsUdp = udp,
        };
        return CallAnswer.Of(output => RuleCalls.Matrix(output, question, kernel));
    }

    [JSExport]
    internal static string CellScenario(string first, string second) =>
        CallAnswer.Of(output => RuleCalls.CellScenario(output, first, second));

    /// <summary>Takes in the pages that <see cref="Explain"/> knows.</summary>
    [JSExport]
    internal static void LoadPages(byte[] file) => s_pages = RuleCalls.PagesOf(file);

    [JSExport]
    internal static string Explain(string word) => CallAnswer.Of(output => RuleCalls.Explain(output, word, s_pages));

    [JSExport]
    internal static string Why(byte[] snapshot, string name, string? target, bool verbose, bool json) => CallAnswer.Of(output =>
        SnapshotCalls.Why(output, snapshot, name, target, verbose ? Detail.Verbose : Detail.Normal, json));

    [JSExport]
    internal static string ReadError(byte[] pasted) => CallAnswer.Of(output => SnapshotCalls.ReadError(output, pasted));
}
