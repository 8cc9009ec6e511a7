using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Bindwise.Cli.Catalogue;
using Bindwise.Cli.Output;
using Bindwise.Lab.Proving;
using Bindwise.Linux.Live;
using Bindwise.Model.Platforms;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Rendering.Claims;
using Bindwise.Rendering.Scenarios;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>One run of <c>lab prove</c>: every claim is played and judged.</summary>
internal sealed class LabProve(LabProveRequest request, AnswerStream output, ErrorLines errors)
{
    // Shorter waits need no notice.
    private const int NoticeableSeconds = 2;

    private readonly ArrayBufferWriter<byte> line = new();
    private readonly Terminal terminal = Terminal.Detect();
    private ExitCode worst = ExitCode.Free;
    private bool hasAnswered;

    /// <summary>Plays, and gives the exit code.</summary>
    public ExitCode Play()
    {
        using var interruption = Interruption.EndsAtOnce(errors);
        if (Find() is not { } claims)
            return ExitCode.Error;
        if (Request() is not { } where)
            return ExitCode.Error;
        try
        {
            Prove(claims, where);
        }
        catch (LiveUnavailableException exception)
        {
            Fail(exception.Message);
        }
        if (output.Fault is { } unwritten)
            Fail($"cannot write to standard output: {unwritten}");
        return worst;
    }

    // Null when one is wrong: nothing is played then.
    private List<Claim>? Find()
    {
        var shelf = new ClaimStore(request.Folder);
        var ids = request.Ids.Count > 0 ? request.Ids : shelf.Ids(out _);
        if (ids.Count == 0)
        {
            _ = shelf.Ids(out var fault);
            Fail(fault!);
            return null;
        }
        var claims = new List<Claim>();
        foreach (var id in ids)
        {
            var found = shelf.Find(id);
            foreach (var fault in found.Faults)
                Fail(fault);
            if (found.Claim is { } claim && !claims.Contains(claim))
                claims.Add(claim);
        }
        return worst == ExitCode.Free ? claims : null;
    }

    // Null when the kernel was asked for and cannot be used.
    private ProofRequest? Request()
    {
        if (request.Platform != ClaimSystems.Linux && PlatformProfiles.Find(request.Platform) is { } platform)
            return ProofSystems.OfDocuments(platform);
        return LabHosts.Open(request.On, errors) is { } stage ? ProofSystems.Of(stage, request.IsFast) : null;
    }

    private void Prove(List<Claim> claims, ProofRequest where)
    {
        var prover = new Prover(where);
        var seconds = claims.SelectMany(static claim => claim.Cases).Max(part => where.Stage.WaitsOf(part.Scenario).MostSeconds);
        if (request.IsJson || !Terminal.CanRedrawErrors)
        {
            if (!request.IsJson && seconds >= NoticeableSeconds)
                errors.Write(string.Create(CultureInfo.InvariantCulture, $"this takes up to {Math.Ceiling(seconds)} s on the kernel; cases wait side by side (--fast waits in virtual time)"));
            prover.Prove(claims, Answer);
            return;
        }
        var clock = Stopwatch.StartNew();
        using var progress = new ProgressLine(errors, terminal.Width ?? ScenarioResultText.DefaultWidth, () => ProofBar.Of(prover.Progress, clock.Elapsed, (double)seconds));
        prover.Prove(claims, proof => progress.Above(() => Answer(proof)));
    }

    private bool Answer(ClaimProof proof)
    {
        if (proof.Error is { } error)
            Fail($"{proof.Claim.Id}: {error}");
        else if (!proof.IsAsRecorded || proof.Agree is false)
            worst = ExitCodes.Worst(worst, ExitCode.Blocked);
        if (request.IsJson)
        {
            line.ResetWrittenCount();
            ClaimProofJson.Write(line, proof);
            line.Write("\n"u8);
            output.Write(line.WrittenSpan);
        }
        else
        {
            var options = new TextOptions(terminal.Width ?? ScenarioResultText.DefaultWidth, request.IsVerbose ? Detail.Verbose : Detail.Normal);
            output.Write((hasAnswered ? "\n" : "") + TextOutput.Format(ClaimProofText.Render(proof, options), terminal.IsColoured));
        }
        hasAnswered = true;
        return output.IsOpen;
    }

    private void Fail(string message)
    {
        errors.Write(message);
        worst = ExitCodes.Worst(worst, ExitCode.Error);
    }
}
