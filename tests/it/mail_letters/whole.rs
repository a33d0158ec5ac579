//! Whole letters, from the greeting to the footer.

use super::*;

#[test]
fn a_whole_letter_in_english() {
    let context = a_full_context();

    insta::assert_snapshot!(compose(NotificationEvent::Failed, Language::En, &context).text, @r#"
    Hello Ângela Silva,

    Requisition R-2026-000123 could not be carried out, or only in part. What became of each line is listed below.

    The technicians of the lab have been told as well.

    Reason: The oscilloscope is being calibrated.
    The inventory said: “That asset is not available for checkout!”

    Project: Weather station
    Purpose: Measure the roof
    From: Wednesday, 1 July 2026, 09:00
    Return by: Wednesday, 15 July 2026, 17:30

    Equipment:
    - 2 × Arduino Uno R4 (ML-0007, ML-0009): ready
    - 1 × Oscilloscope: not possible

    See the requisition: https://lab.example/requisitions/R-2026-000123

    MakerLab Requisitions wrote this message automatically.
    "#);
}

#[test]
fn a_whole_letter_in_european_portuguese() {
    let context = a_full_context();

    insta::assert_snapshot!(compose(NotificationEvent::Failed, Language::Pt, &context).text, @r#"
    Olá Ângela Silva,

    Não foi possível satisfazer a requisição R-2026-000123, ou só foi possível em parte. Indica-se abaixo o resultado de cada linha.

    Os técnicos do laboratório também foram informados.

    Motivo: The oscilloscope is being calibrated.
    O inventário respondeu: «That asset is not available for checkout!»

    Projeto: Weather station
    Finalidade: Measure the roof
    De: quarta-feira, 1 de julho de 2026, 09:00
    Devolução até: quarta-feira, 15 de julho de 2026, 17:30

    Equipamento:
    - 2 × Arduino Uno R4 (ML-0007, ML-0009): pronto
    - 1 × Oscilloscope: não foi possível

    Ver a requisição: https://lab.example/requisitions/R-2026-000123

    Mensagem enviada automaticamente pelo MakerLab Requisitions.
    "#);
}

#[test]
fn a_whole_letter_about_a_project() {
    let text = |language| compose(NotificationEvent::MemberAdded, language, &a_project_context()).text;

    insta::assert_snapshot!(text(Language::En), @r#"
    Hello Ângela Silva,

    You are now part of the project Weather station.

    If you do not know this project, please tell the technicians of the lab.

    Project: Weather station
    Your role: supervisor

    See the project: https://lab.example/projects/7

    MakerLab Requisitions wrote this message automatically.
    "#);
    insta::assert_snapshot!(text(Language::Pt), @r#"
    Olá Ângela Silva,

    Faz agora parte do projeto Weather station.

    Se não conhece este projeto, informe, por favor, os técnicos do laboratório.

    Projeto: Weather station
    O seu papel: orientador(a)

    Ver o projeto: https://lab.example/projects/7

    Mensagem enviada automaticamente pelo MakerLab Requisitions.
    "#);
}
