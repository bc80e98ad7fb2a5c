//! Waiting for several at once.

use std::future::poll_fn;
use std::task::Poll;

/// Waits for all, and gives what came in their order.
pub(super) async fn all<F: Future>(work: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut under_way: Vec<_> = work.into_iter().map(|one| (Box::pin(one), None)).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for (one, came) in under_way.iter_mut().filter(|(_, came)| came.is_none()) {
            match one.as_mut().poll(context) {
                Poll::Ready(output) => *came = Some(output),
                Poll::Pending => waiting = true,
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    under_way.into_iter().filter_map(|(_, came)| came).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_last_stays_in_its_place() {
        let (tell, told) = tokio::sync::oneshot::channel();
        let mut tell = Some(tell);
        let mut told = Some(told);
        let came = all((0..3).map(|n| {
            let (tell, told) =
                (if n == 2 { tell.take() } else { None }, if n == 0 { told.take() } else { None });
            async move {
                if let Some(told) = told {
                    told.await.expect("it is told");
                }
                if let Some(tell) = tell {
                    tell.send(()).expect("it is heard");
                }
                n
            }
        }))
        .await;
        assert_eq!(came, [0, 1, 2]);
        assert_eq!(all(Vec::<std::future::Ready<u8>>::new()).await, Vec::<u8>::new());
    }
}
