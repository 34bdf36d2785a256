use imaging::portrait::*;
fn main() {
    for p in std::env::args().skip(1) {
        let i = image::open(&p).unwrap().to_rgb8();
        let (w, h) = i.dimensions();
        let f = imaging::Frame::rgb8(w, h, i.clone().into_raw()).unwrap();
        let _ = judge(&f);
        let t = std::time::Instant::now();
        let r = judge(&f);
        let mut t = t.elapsed(); for _ in 0..8{let u=std::time::Instant::now(); let _=judge(&f); t=t.min(u.elapsed());}
        let (face, reasons) = match r {
            Verdict::Good(f) => (Some(f), vec![]),
            Verdict::Rejected { reasons, face } => (face, reasons),
        };
        println!("{p} {w}x{h} {t:?} {reasons:?}");
        if let Some(c) = face {
            println!(
                "   width {} mid {} eyes {} crown {} {} smear {}",
                c.width, c.middle, c.left_eye.y, c.crown, c.crown_seen, c.smear
            );
            match crop(&f, &c) {
                Ok(j) => {
                    println!("   {} bytes", j.bytes().len());
                    std::fs::write(p.replace("/pr/", "/pr/crop_"), j.bytes()).unwrap()
                }
                Err(e) => println!("   {e}"),
            }
        }
        let mut f = f;
        draw_outline(&mut f);
        image::RgbImage::from_raw(w, h, f.pixels().to_vec())
            .unwrap()
            .save(p.replace("/pr/", "/pr/out_"))
            .unwrap();
    }
}
