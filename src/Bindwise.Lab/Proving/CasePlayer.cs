using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Lab.Proving;

/// <summary>Plays cases on the thread that made it, and on no other.</summary>
/// <param name="stage">Where.</param>
internal sealed class CasePlayer(Stage stage) : IDisposable
{
    private readonly Player player = new(stage);
    private Player? ofModel;

    /// <summary>Plays a case to its end, and waits where it waits.</summary>
    /// <param name="part">The case.</param>
    /// <param name="isVirtual">On the model alone, in virtual time.</param>
    /// <param name="cancellation">Ends a wait early.</param>
    internal CaseProof Play(ClaimCase part, bool isVirtual, CancellationToken cancellation)
    {
        var host = isVirtual ? ofModel ??= new Player(stage with { Kernel = null }) : player;
        return new CaseProof(part, host.Play(part.Scenario, cancellation)) { IsVirtual = isVirtual };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        player.Dispose();
        ofModel?.Dispose();
    }
}
